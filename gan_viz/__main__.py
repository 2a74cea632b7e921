"""``python -m gan_viz``: the command line."""

from gan_viz.cli import main

if __name__ == "__main__":
    main()
