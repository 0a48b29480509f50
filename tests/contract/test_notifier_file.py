from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.incident_rows import HOSTILE, incident
from tests.support.messages import changed, digest, hostile_incident

from ailog.adapters.notifiers.file import FileNotifier
from ailog.domain.message import Message
from ailog.errors import MessageRefused, NotificationFailed


def test_a_message_is_two_files_and_sending_it_again_changes_nothing(tmp_path: Path) -> None:
    notifier = FileNotifier(changed(file={"directory": str(tmp_path / "out")}))
    message = digest(hostile_incident(HOSTILE["control"]))
    assert notifier.send(message).outcome == "delivered"
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    notifier.send(message)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(before) == [f"{message.message_id}.json", f"{message.message_id}.md"]
    assert json.loads(before[f"{message.message_id}.json"])["subject"] == message.subject


def test_a_folder_that_cannot_be_written_is_tried_again_and_an_id_cannot_leave_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotificationFailed, match="cannot be written"):
        FileNotifier(changed(file={"directory": str(tmp_path / "file")})).send(digest(incident()))
    escape = Message("../../evil", "file", "digest", "s", digest(incident()).body)
    with pytest.raises(MessageRefused, match="no UUID"):
        FileNotifier(changed(file={"directory": str(tmp_path)})).send(escape)
