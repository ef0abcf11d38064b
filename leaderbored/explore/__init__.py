"""The explorer: a page in the browser in which the numbers of a race can be moved.

The server keeps nothing: every request holds the whole setting, as the address of the page does, so
that any number of browsers do not disturb each other. What is shown is what the verbs return, and
every text is made here; the script of the page only moves it into place.
"""
