from __future__ import annotations

import dataclasses

import pytest

from endpoint.settings import Settings
from kg.errors import UsageError


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = Settings.from_environment({"HOME": "/", "NEAKG_QUERY_TIMEOUT": ""})
    assert settings == Settings()
    assert settings.query_timeout == 30
    assert settings.query_workers >= 2


def test_variables_are_read() -> None:
    settings = Settings.from_environment({"NEAKG_QUERY_TIMEOUT": "2.5", "NEAKG_WORKERS": "7"})
    assert (settings.query_timeout, settings.query_workers) == (2.5, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [("NEAKG_QUERY_TIMEOUT", "soon"), ("NEAKG_QUERY_TIMEOUT", "nan"), ("NEAKG_WORKERS", "-1"), ("NEAKG_QUEUE", "1.5")],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name):
        Settings.from_environment({name: value})


def test_settings_cannot_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().queue = 3  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    for item in dataclasses.fields(Settings):
        assert item.metadata["help"]
        assert f"{item.name}:" in (Settings.__doc__ or "")
