"""The settings of a crash test, for both sides: the pretend gateways and the deployment under test."""

import os
from datetime import timedelta
from pathlib import Path

from sandbox.settings import Settings as Gateways
from storage.ids import SystemIds

PACE = 0.2  # every wait of a worker is a fifth of the real one; its gateways must answer that much sooner
# Seconds at full length; each is multiplied by the pace, as a worker's own are.
CONNECT, READ, HOLD, LAG = 5.0, 13.0, 20.0, 15.0
TEMPLATE = {
    "id": "TPL_NOTICE",
    "title": "办事提醒",
    "fields": {"thing1": "事项", "thing2": "说明", "phrase3": "状态"},
}


def gateway_settings(
    folder: Path, web_port: int, ahead: timedelta, pace: float, *, blind: bool
) -> dict[str, object]:
    """Return what the pretend gateways must know."""
    return {
        "web_url": f"http://127.0.0.1:{web_port}",
        "port": 0,
        "data": str(folder / "gateways.jsonl"),
        "ahead_seconds": ahead.total_seconds(),
        "hold_seconds": HOLD * pace,
        "lag_seconds": LAG * pace,
        "wechat_templates": [TEMPLATE],
        "blind": blind,
    }


def write_config(
    folder: Path, web_port: int, gateways: str, database: str, pace: float, *, blind: bool
) -> Path:
    """Write the deployment's settings; its secrets are those of the pretend gateways."""
    path, held = folder / "config.toml", Gateways(web_url="")
    origin = f"huizheng.{SystemIds().token(8)}/log/1"
    text = f"""# Settings of a crash test; its gateways are pretended and on this machine only.
[server]
public_url = "http://127.0.0.1:{web_port}"
bind = "127.0.0.1:{web_port}"
sandbox = true
[database]
url = "{database}"
[keys]
file = "{folder / "keys.json"}"
[evidence]
origin = "{origin}"
data_dir = "{folder}"
[channels.wechat_oa.main]
app_id = "{held.wechat_app_id}"
app_secret = "{held.wechat_secret}"
token = "{held.wechat_token}"
encoding_aes_key = "{held.wechat_aes_key}"
api_base = "{gateways}"
oauth_base = "{gateways}"
connect_timeout = {CONNECT * pace}
read_timeout = {READ * pace}
honours_key = {str(not blind).lower()}
[channels.wechat_oa.main.templates.default]
id = "TPL_NOTICE"
fields = {{ thing1 = "title", thing2 = "line1", phrase3 = "=待确认" }}
[channels.sms_twilio.hk]
account_sid = "{held.twilio_sid}"
auth_token = "{held.twilio_token}"
from_number = "{held.twilio_number}"
api_base = "{gateways}"
connect_timeout = {CONNECT * pace}
read_timeout = {READ * pace}
has_query = {str(not blind).lower()}
"""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path
