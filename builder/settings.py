"""The settings: environment variables, read once at an entry point. Functions take the values they use."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(ValueError):
    """A setting is unknown or unreadable; the message is a sentence for the person who set it."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PROTODEX_", frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Path("data")
    bind: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    preview_port: int = Field(default=8001, ge=1, le=65535)
    preview_domain: str = Field(default="localhost", pattern=r"^[a-z0-9.-]+$")
    model_url: str | None = None
    model_name: str | None = None
    model_key: SecretStr | None = None
    build_steps: int = Field(default=80, ge=1, le=1_000)
    build_tokens: int = Field(default=2_000_000, ge=1_000, le=1_000_000_000)
    build_minutes: int = Field(default=60, ge=1, le=24 * 60)
    token: SecretStr | None = None
    sandbox: Literal["bubblewrap", "unsafe"] = "bubblewrap"
    search_url: str | None = None
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL")

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def run_dir(self) -> Path:
        """Sockets and pid files: everything in it is gone when nothing runs."""
        return self.data / "run"

    @property
    def standby_dir(self) -> Path:
        """Where the checks of the next release wait for it: on the disk of the projects."""
        return self.data / "standby"

    @property
    def host_socket(self) -> Path:
        return self.run_dir / "host.sock"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'protodex.sqlite'}"

    @property
    def broker(self) -> str:
        return self.redis_url or f"redis+socket://{self.run_dir / 'valkey.sock'}"

    def project_dir(self, project_id: str) -> Path:
        return self.data / "projects" / project_id

    def preview_url(self, slug: str) -> str:
        """Where a project's preview answers. Behind a domain of one's own, the proxy in front speaks https."""
        if self.preview_domain == "localhost":
            return f"http://{slug}.localhost:{self.preview_port}/"
        return f"https://{slug}.{self.preview_domain}/"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    environ = os.environ if environ is None else environ
    known = {f"PROTODEX_{name.upper()}" for name in Settings.model_fields} - {
        "PROTODEX_DATABASE_URL",
        "PROTODEX_REDIS_URL",
    }
    unknown = sorted(name for name in environ if name.startswith("PROTODEX_") and name not in known)
    if unknown:
        raise SettingsError(f"Unknown setting {', '.join(unknown)}. The known ones are {', '.join(sorted(known))}.")
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(f"PROTODEX_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"A setting can't be read. {problems}.") from error
