"""The settings of one official account, refused at start-up when they could not work."""

import re
from collections.abc import Mapping

from pydantic import Field, SecretStr, field_validator

from bot.addresses import WebAddress
from bot.channels.wechat_oa.templates import Template
from bot.config import Strict


class Settings(Strict):
    """One verified service account (认证服务号)."""

    app_id: str = Field(min_length=3, description="AppID of the account.", examples=["wx0123456789abcdef"])
    app_secret: SecretStr = Field(description="AppSecret of the account.", examples=["…"])
    token: SecretStr = Field(
        description="Token of the message push, 8 to 32 letters and digits.", examples=["…"]
    )
    encoding_aes_key: SecretStr = Field(
        description="EncodingAESKey of the message push, 43 characters; the mode must be 安全模式.",
        examples=["…"],
    )
    templates: Mapping[str, Template] = Field(
        description='Notice kind, or "default" -> template; see docs/channels/wechat_oa.md.',
        examples=[{"default": {"id": "TPL_NOTICE", "fields": {"thing1": "title", "phrase3": "=待确认"}}}],
    )
    api_base: WebAddress = Field("https://api.weixin.qq.com", description="Where WeChat's API is.")
    oauth_base: WebAddress = Field("https://open.weixin.qq.com", description="Where a reader is recognised.")
    honours_key: bool = Field(
        True, description="False where a relay before WeChat drops client_msg_id: nothing is then repeated."
    )
    connect_timeout: float = Field(4.0, gt=0, le=6, description="Seconds to wait for a connection.")
    read_timeout: float = Field(12.0, gt=0, le=16, description="Seconds to wait for an answer.")

    @field_validator("app_secret")
    @classmethod
    def _secret_given(cls, secret: SecretStr) -> SecretStr:
        return _checked(secret, r"\S{8,}", "must be the AppSecret: copy it again from the WeChat console")

    @field_validator("token")
    @classmethod
    def _token_long(cls, token: SecretStr) -> SecretStr:
        return _checked(
            token,
            r"[0-9A-Za-z]{8,32}",
            "must be 8 to 32 letters and digits: choose one and enter it at WeChat too",
        )

    @field_validator("encoding_aes_key")
    @classmethod
    def _key_whole(cls, key: SecretStr) -> SecretStr:
        length = len(key.get_secret_value())
        remedy = "copy it again from the WeChat console"
        if length != 43:
            raise ValueError(f"must be 43 characters (it has {length}): {remedy}")
        return _checked(key, r"[0-9A-Za-z]{43}", f"must be letters and digits: {remedy}")

    @field_validator("templates")
    @classmethod
    def _default_given(cls, templates: Mapping[str, Template]) -> Mapping[str, Template]:
        if "default" not in templates:
            raise ValueError('has no "default": add a template for every kind that has none of its own')
        return templates


def _checked(secret: SecretStr, pattern: str, remedy: str) -> SecretStr:
    if not re.fullmatch(pattern, secret.get_secret_value()):
        raise ValueError(remedy)
    return secret
