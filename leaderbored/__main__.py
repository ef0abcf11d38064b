"""``python -m leaderbored``: the same as ``leaderbored``."""

from leaderbored.cli import command

if __name__ == "__main__":
    command()
