from __future__ import annotations

import pyarrow as pa
import pytest

from ailog.domain.fingerprint import Miner, fingerprints


def template(text: str) -> str:
    miner = Miner()
    return miner.templates[int(miner.encode_texts(pa.array([text]))[0])].template


def combined(method: str, path: str, status: int, size: int) -> str:
    return f'10.1.2.3 - - [10/Oct/2023:13:55:36 +0000] "{method} {path} HTTP/1.1" {status} {size} "-" "curl/8.1"'


def test_what_clients_asked_for_in_vain_is_one_event_with_what_they_got() -> None:
    keys = fingerprints([combined("GET", path, status, 150 + status) for path in ("/", "/a/b?c=1") for status in (200, 301, 404, 429)])
    assert len(set(keys)) == 1


def test_methods_are_different_events() -> None:
    assert len(set(fingerprints([combined(method, "/a", 200, 9) for method in ("GET", "POST", "DELETE")]))) == 3


def test_a_fault_of_the_server_stays_in_the_record() -> None:
    assert "502" in template(combined("GET", "/a", 502, 150))


@pytest.mark.parametrize("status", [403, 404, 409])
def test_a_message_that_says_what_went_wrong_keeps_its_status(status: int) -> None:
    assert str(status) in template(f'upload failed: "PUT /a/b HTTP/1.1" {status} after 12 ms, giving up')


def test_texts_of_values_alone_are_told_apart_by_what_they_are_called() -> None:
    assert len(set(fingerprints(["lr:00 cr:11 xer:22", "dbcr0=0x0 dbsr=0x0", "r24=0x1 r25=0x2", "jetty-6.1.26"]))) == 4


@pytest.mark.parametrize("time", ["1/13/2024 6:59:45 PM", "May  4 23:43:43", "Oct 15 23:44:53", "2024-10-12T04:14:36Z"])
def test_a_time_is_a_value_in_every_spelling(time: str) -> None:
    assert template(f"Cluster node 10.0.0.1 left at {time}: ping timeout") == "Cluster node <*> left at <*>: ping timeout"


@pytest.mark.parametrize("index", [17, 404, 503])
def test_a_number_in_brackets_is_no_status_behind_an_index_or_a_program(index: int) -> None:
    assert str(index) not in template(f"panic: index out of range [{index}] with length 3")
    assert str(index) not in template(f"sshd[{index}]: error: too many attempts")
