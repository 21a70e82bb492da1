import pytest

from builder.checks import catalog
from builder.events import CheckStatus, Finding


def test_a_line_from_inside_becomes_an_event():
    event = catalog.from_report(
        {"name": "boot", "status": "failed", "seconds": 1.5, "findings": [{"message": "No module named x", "line": 3}]}
    )
    assert event == catalog.BOOT.ended(CheckStatus.FAILED, 1.5, [Finding("No module named x", None, 3)])


@pytest.mark.parametrize(
    "line",
    [{}, {"name": "boot"}, {"name": "nope", "status": "passed"}, {"name": "boot", "status": "passed", "findings": [1]},
     {"name": "boot", "status": "passed", "seconds": "long"}, {"name": ["boot"], "status": "passed"}],
)  # fmt: skip
def test_a_line_in_another_form_is_ignored(line):
    assert catalog.from_report(line) is None


def test_findings_are_short_few_and_said_once():
    many = [Finding("x" * 1000)] * 5 + [Finding(str(n)) for n in range(50)]
    ended = catalog.BOOT.ended(CheckStatus.FAILED, 0, many)
    assert len(ended.findings) == catalog.MAX_FINDINGS
    assert sum(len(f.message) for f in ended.findings) <= 4000


def test_the_score_counts_what_ran_by_weight():
    ended = [
        catalog.TESTS.ended(CheckStatus.PASSED, 1),
        catalog.ACCESSIBILITY.ended(CheckStatus.FAILED, 1),
        catalog.SPEED.ended(CheckStatus.SKIPPED, 1),
        catalog.BOOT.ended(CheckStatus.PASSED, 1),
    ]
    assert catalog.score(ended) == 60


@pytest.mark.parametrize(
    ("proven", "required", "score"), [(0, 0, 60), (5, 5, 82), (0, 5, 27), (2, 4, 55), (7, 5, 82), (0, 1, 27)]
)
def test_requirements_weigh_most_and_count_by_the_share_that_is_proven(proven, required, score):
    ended = [catalog.TESTS.ended(CheckStatus.PASSED, 1), catalog.ACCESSIBILITY.ended(CheckStatus.FAILED, 1)]
    assert catalog.score(ended, proven, required) == score


def test_requirements_count_where_nothing_else_ran():
    assert catalog.score([], 1, 2) == 50


def test_nothing_that_ran_is_worth_nothing():
    assert catalog.score([]) == 0
