"""The command line: `huizheng` and `python -m bot`."""

from bot.commands.main import main

if __name__ == "__main__":
    main()
