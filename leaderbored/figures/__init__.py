"""Figures fit for a paper or a talk, in one style."""
