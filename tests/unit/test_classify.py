from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.support.labelled import Labelled, harmless, judge, labelled, verdicts

from ailog.domain.classify import CATEGORIES, RuleBundle, Verdict, snake_case, spell_out
from ailog.errors import ConfigError

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "include" / "config" / "rules" / "2026-11-22"
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "classification.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rules() -> RuleBundle:
    return RuleBundle.load(BUNDLE)


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_a_template_is_classified_as_the_table_says(rules: RuleBundle, case: dict[str, str]) -> None:
    verdict = rules.classify(case["type"], case["template"])
    assert f"{verdict.category}/{verdict.subcategory}" == case["expected"], verdict.rule_id


def test_nine_of_ten_labelled_messages_are_named_rightly_and_few_are_unknown(rules: RuleBundle) -> None:
    for held_out in (False, True):
        found = judge(rules, (case for case in labelled() if case.held_out is held_out))
        assert found.count > 250
        assert found.subcategory >= 0.9, found.wrong
        assert found.error_class >= 0.9, found.wrong
        assert found.unknown <= 0.08, found.wrong


def test_every_label_is_one_that_some_rule_gives(rules: RuleBundle) -> None:
    given = {(rule.category, rule.subcategory) for rule in rules.rules}
    assert {(case.category, case.subcategory) for case in labelled()} <= given


HARMLESS = harmless()


@pytest.mark.parametrize(
    ("message", "verdict"), list(zip(HARMLESS, verdicts(RuleBundle.load(BUNDLE), HARMLESS), strict=True)), ids=HARMLESS
)
def test_a_message_that_tells_of_no_fault_is_not_classified(message: str, verdict: Verdict) -> None:
    assert (verdict.category, verdict.rule_id) == ("unknown", "unknown"), message


@pytest.mark.parametrize(
    "case", [case for case in labelled() if case.category in {"auth", "network", "memory"}][::5], ids=lambda c: c.message[:60]
)
def test_harmless_words_beside_a_fault_do_not_hide_it(rules: RuleBundle, case: Labelled) -> None:
    alone = verdicts(rules, [case.message])[0]
    beside = verdicts(rules, [f"{case.message}; retry succeeded, errors=0"])[0]
    assert (beside.category, beside.subcategory) == (alone.category, alone.subcategory)


def test_the_winning_rule_is_kept_as_evidence(rules: RuleBundle) -> None:
    assert rules.classify("", "connect ECONNREFUSED <*>").rule_id == "network.connection_refused"
    assert rules.classify("", "nothing to see").rule_id == "unknown"
    assert rules.evidence("network.connection_refused", "", "connect ECONNREFUSED <*>") == "econnrefused"
    assert rules.evidence("network.dns", "", "connect ECONNREFUSED <*>") == rules.evidence("unknown", "", "nothing") == ""


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("ConnectException", "Connection refused", "connection_refused"),
        ("", "Request failed with status code 404", "not_found"),
        ("com.acme.LimitExceededException", "too much", "limit_exceeded_exception"),
        ("UnknownError", "boom", "unclassified"),
        ("", "ORA-00936: missing expression", "database"),
        ("", "Worker exited with code 139", "crash"),
        ("MongoServerError", "Authentication failed", "unauthorized"),
        ("", "boom", "unclassified"),
    ],
)
def test_the_error_class_falls_back_to_the_type(rules: RuleBundle, kind: str, text: str, expected: str) -> None:
    assert rules.classify(kind, text).error_class == expected


@pytest.mark.parametrize(
    ("text", "wrapper"),
    [
        ("Servlet.service() for servlet <*> threw exception [Request processing failed]", True),
        ("error handled", True),
        ("Max retries exceeded with url: <*>", True),
        ("Connection refused", False),
        ("Request rejected", False),
    ],
)
def test_messages_that_only_pass_on_another_error_are_wrappers(rules: RuleBundle, text: str, wrapper: bool) -> None:
    assert rules.classify("", text).wrapper is wrapper


def test_every_rule_of_the_bundle_names_a_known_category(rules: RuleBundle) -> None:
    assert {r.category for r in rules.rules} <= set(CATEGORIES)
    assert {"memory", "network", "database", "timeout", "auth", "business", "external"} <= {r.category for r in rules.rules}


def test_compound_names_are_spelled_out() -> None:
    assert spell_out("OutOfMemoryError NOT_FOUND HTTPServerError") == "out of memory error not found http server error"
    assert snake_case("org.x.HTTPServerError") == "http_server_error"


def _bundle(tmp_path: Path, taxonomy: str) -> Path:
    (tmp_path / "taxonomy.yaml").write_text(taxonomy, encoding="utf-8")
    (tmp_path / "error_classes.yaml").write_text('version: "2026-01-01"\nclasses: []\n', encoding="utf-8")
    return tmp_path


RULE = "{id: a.b, category: memory, subcategory: x, priority: 5, any: [oom]}"


@pytest.mark.parametrize(
    ("rules_text", "message"),
    [
        ("[{id: a.b, category: nonsense, subcategory: x, priority: 5, any: [oom]}]", "rules/0/category: 'nonsense'"),
        ("[{id: a.b, category: memory, subcategory: x, priority: 5}]", "'any' is a required property"),
        ("[{id: a.b, category: memory, subcategory: x, priority: 500, any: [oom]}]", "500 is greater than"),
        ("[{id: a.b, category: memory, subcategory: x, priority: 5, any: ['(oom']}]", "rule 'a.b' is no regular expression"),
        (f"[{RULE}, {RULE}]", r"the rule ids \['a.b'\] occur more than once"),
        ("[{id: a.b", "is no YAML"),
        ("[{id: a.b, category: memory, subcategory: x, priority: 5, any: ['%http%']}]", r"'a.b' names the fragments \['http'\]"),
    ],
)
def test_a_faulty_bundle_is_refused_with_place_and_reason(tmp_path: Path, rules_text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RuleBundle.load(_bundle(tmp_path, f'version: "2026-01-01"\nwrappers: []\nrules: {rules_text}\n'))


def test_a_missing_bundle_names_its_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"taxonomy.yaml is missing: a bundle holds taxonomy.yaml and error_classes.yaml"):
        RuleBundle.load(tmp_path)


def test_patterns_match_whole_words_only(tmp_path: Path) -> None:
    rules = RuleBundle.load(_bundle(tmp_path, f'version: "2026-01-01"\nwrappers: []\nrules: [{RULE}]\n'))
    assert rules.classify("", "oom in pod").category == "memory"
    assert rules.classify("", "Room boom zoomed").category == "unknown"


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "connection " * 50_000, "sql " * 100_000, "certificate " * 60_000, "connection to " * 40_000, "0 errors, " * 50_000],
)
def test_hostile_templates_are_bounded(rules: RuleBundle, text: str) -> None:
    assert rules.classify("", text).category in CATEGORIES
