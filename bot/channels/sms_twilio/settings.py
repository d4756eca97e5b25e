"""The settings of one Twilio account, refused at start-up when they could not work."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.addresses import WebAddress
from bot.config import Strict

HOME = "https://api.twilio.com"


class Settings(Strict):
    """One Twilio account with one sending number."""

    account_sid: str = Field(
        pattern=r"^AC[0-9a-f]{32}$",
        description="Account SID.",
        examples=["AC0123456789abcdef0123456789abcdef"],
    )
    auth_token: SecretStr = Field(
        description="Primary Auth Token; it also signs the webhooks.", examples=["…"]
    )
    from_number: str = Field(
        pattern=r"^\+[1-9]\d{6,14}$", description="Our number.", examples=["+15005550006"]
    )
    allow_mainland: bool = Field(
        False, description="True to send to +86 all the same; replies and STOP never come back from there."
    )
    mainland_basis: str = Field("", description="Why +86 is allowed: approved template, date, who decided.")
    api_base: WebAddress = Field(HOME, description="Where Twilio's API is.")
    has_query: bool = Field(
        True, description="False where a relay before Twilio keeps no log of messages that can be asked."
    )
    connect_timeout: float = Field(4.0, gt=0, le=6, description="Seconds to wait for a connection.")
    read_timeout: float = Field(12.0, gt=0, le=16, description="Seconds to wait for an answer.")

    @field_validator("auth_token")
    @classmethod
    def _token_long(cls, token: SecretStr) -> SecretStr:
        if len(token.get_secret_value()) < 16:
            raise ValueError(
                "is too short to sign anything: copy the primary Auth Token from the Twilio console"
            )
        return token

    @model_validator(mode="after")
    def _basis_recorded(self) -> Self:
        if self.allow_mainland and not self.mainland_basis.strip():
            raise ValueError(
                "allows +86 without mainland_basis: write down why, or set allow_mainland = false"
            )
        return self
