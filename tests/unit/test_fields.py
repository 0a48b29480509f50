from __future__ import annotations

from typing import Any

import pytest
from tests.support.documents import document, flat

from ailog.domain.fields import CANONICAL_FIELDS, FieldMap


@pytest.mark.parametrize(
    ("found_in", "expected"),
    [
        ({"a.b.c": 1}, 1),
        ({"a": {"b": {"c": 1}}}, 1),
        ({"a": {"b.c": 1}}, 1),
        ({"a.b": {"c": 1}}, 1),
        ({"a.b.c": None, "a": {"b": {"c": 1}}}, 1),
        ({"a.b.c": 0}, 0),
        ({"a.b.c": ""}, ""),
        ({"a": "text"}, None),
        ({"a": ["list"]}, None),
        ({"a": {"b": None}}, None),
        ({"a": {"b": {"c": None}}}, None),
        ({}, None),
    ],
)
def test_dotted_nested_and_mixed_documents_are_read_alike(found_in: dict[str, Any], expected: object) -> None:
    assert FieldMap({"app": ["a.b.c"]}).extract([found_in])["app"] == [expected]


def test_shapes_may_differ_from_document_to_document() -> None:
    documents = [{"a.b": 1}, {"a": {"b": 2}}, {"x": 3}, {"a": 4}, {"a": {"b": 5}, "a.b": 6}]
    assert FieldMap({"app": ["a.b", "x"]}).extract(documents)["app"] == [1, 2, 3, None, 6]


def test_first_path_with_a_value_wins_in_every_document() -> None:
    documents = [{"one": "a", "two": "b"}, {"one": None, "two": "c"}, {"two": "d"}, {"three": "e"}]
    fields = FieldMap({"level": ["one", "two"]})
    assert fields.extract(documents)["level"] == ["a", "c", "d", None]


def test_every_canonical_field_has_a_column_as_long_as_the_page() -> None:
    columns = FieldMap({"message": ["message"]}).extract([document(), document(message=None)])
    assert tuple(columns) == CANONICAL_FIELDS
    assert {len(column) for column in columns.values()} == {2}
    assert columns["message"] == ["Order 4711 could not be saved", None]


def test_flat_and_nested_form_of_a_real_shape_give_the_same_columns() -> None:
    fields = FieldMap({"namespace": ["kubernetes.namespace"], "error_type": ["exception.type"], "http_status": ["http.status_code"]})
    assert fields.extract([document()]) == fields.extract([flat(document())])


def test_an_empty_page_gives_empty_columns() -> None:
    assert FieldMap({"app": ["a.b"]}).extract([])["app"] == []


def test_source_paths_name_every_path_once() -> None:
    assert FieldMap({"app": ["a", "b.c"], "level": ["a"]}).source_paths == ["a", "b.c"]


@pytest.mark.parametrize("mapping", [{"application": ["a"]}, {"app": [""]}, {"app": ["a..b"]}, {"app": [".a"]}])
def test_a_mapping_that_cannot_work_is_refused(mapping: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="fields:"):
        FieldMap(mapping)
