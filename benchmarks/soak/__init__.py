"""A soak: random games of every kind through every face, and broken files, until a fault shows.

``python -m benchmarks.soak --minutes 5 --seed 1`` draws games over the whole documented box
(:mod:`.games`), sends each through file, command line, JSON, page and figure (:mod:`.faces`), and
holds what comes out against numpy code that shares nothing with the package (:mod:`.judge`): it
reads the game file and the JSON alone. Files are broken too (:mod:`.broken`) and must be answered
or refused. Each fault is one line, with the file that reproduces it.
"""
