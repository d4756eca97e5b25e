"""The group of commands, and what they share: settings, errors with a remedy, exit codes."""

import importlib
import logging
import os
import sys

import click
import structlog

from storage.log import LogHalted

# A command's module is loaded when it is called: a worker that died is soon replaced.
COMMANDS = {
    "sandbox": "sandbox:sandbox_command",
    "serve": "serving:serve_command",
    "web": "serving:web_command",
    "worker": "working:worker_command",
    "migrate": "checks:migrate_command",
    "check": "checks:check_command",
    "audit": "checks:audit_command",
    "chaos": "chaos.command:chaos_command",
    "export": "exporting:export_command",
    "verify": "evidence:verify_command",
    "witness": "witness:witness_command",
    "token": "people:token_command",
    "login-link": "people:login_link_command",
    "signer": "signer:signer_command",
    "epoch": "signer:epoch_group",
    "keys": "escrow:keys_group",
    "erase": "erase:erase_group",
    "hold": "erase:hold_group",
    "pause": "pause:pause_command",
    "resume": "pause:resume_command",
    "simulate": "simulate:simulate_command",
    "calendar": "calendar:calendar_group",
    "policy": "policy:policy_group",
    "follow-up": "follow_up:follow_up_group",
}  # name: module below bot.commands, and what it is called there


class _Commands(click.Group):
    """The commands above, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them all."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one; None when there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(importlib.import_module(f"bot.commands.{module}"), name)
        return found


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="huizheng", prog_name="huizheng")
def huizheng() -> None:
    """Huizheng 回证: tell an injured employee what must be told, until the telling is proved.

    Start with `huizheng sandbox`: it needs no account and sends nothing outside
    this machine. Every command has its own --help. Exit codes: 0 done, 1
    failed, 2 usage or unreadable input.
    """
    os.umask(0o077)  # databases, bundles and logs hold people's data: for this account only
    _log_to_stderr()


def main() -> None:
    """Run the command line."""
    try:
        huizheng()
    except LogHalted as halted:
        click.echo(f"Error: {halted}", err=True)
        sys.exit(1)


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
