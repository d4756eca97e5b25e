"""The group of commands, and what they share: settings, errors with a remedy, exit codes."""

import logging
import os
import sys

import click
import structlog

from bot.commands.checks import audit_command, check_command, migrate_command
from bot.commands.erase import erase_group, hold_group
from bot.commands.escrow import escrow_command, rehearse_command, restore_command
from bot.commands.evidence import verify_command
from bot.commands.exporting import export_command
from bot.commands.keys import keys_group
from bot.commands.people import login_link_command, token_command
from bot.commands.sandbox import sandbox_command
from bot.commands.serving import serve_command, web_command, worker_command
from bot.commands.signer import epoch_group, signer_command
from bot.commands.witness import witness_command
from storage.log import LogHalted


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="huizheng", prog_name="huizheng")
def huizheng() -> None:
    """Huizheng 回证: tell an injured employee what must be told, until the telling is proved.

    Start with `huizheng sandbox`: it needs no account and sends nothing outside
    this machine. Every command has its own --help. Exit codes: 0 done, 1
    failed, 2 usage or unreadable input.
    """
    os.umask(0o077)  # databases, bundles and logs hold people's data: for this account only
    _log_to_stderr()


for command in (
    sandbox_command, serve_command, web_command, worker_command, migrate_command, check_command,
    audit_command, export_command, verify_command, witness_command, token_command, login_link_command,
    signer_command, epoch_group, keys_group, erase_group, hold_group,
):  # fmt: skip
    huizheng.add_command(command)
for command in (escrow_command, rehearse_command, restore_command):
    keys_group.add_command(command)


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
