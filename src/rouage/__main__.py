"""``python -m rouage``: the same command line as the installed ``rouage``."""

from rouage.config.manage import main

if __name__ == "__main__":
    main()
