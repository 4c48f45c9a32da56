"""No token and no key is in the repository, and one that were would be found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import secret_scan

# In two parts, so that this file is none of those that are found.
PLANTED = {
    "Hugging Face token": "HF_TOKEN=hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz01234567",
    "AWS Access Key": "key: AKIA" + "IOSFODNN7EXAMPLE",
    "GitHub Token": "ghp_" + "a1B2" * 9,
    "Private Key": "-----BEGIN RSA PRIVATE " + "KEY-----",
    "Slack Token": "xoxb-" + "123456789012-abcdefghijkl",
    "Basic Auth Credentials": "https://ann:" + "hunter2@example.org/",
}


def test_no_secret_is_tracked() -> None:
    assert list(secret_scan.tracked()) == []


@pytest.mark.parametrize("kind", sorted(PLANTED))
def test_a_planted_one_is_found(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret_scan.git("init", "-q", folder=tmp_path)
    (tmp_path / "notes.toml").write_text(f"a = 1\nb = '{PLANTED[kind]}'\n", encoding="utf-8")
    secret_scan.git("add", "notes.toml", folder=tmp_path)
    monkeypatch.setattr(secret_scan, "ROOT", tmp_path)
    assert list(secret_scan.tracked()) == [f"notes.toml:2: {kind}"]
