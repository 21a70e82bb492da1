"""Days in a row, whatever the day is elsewhere."""

import datetime as dt

from backend import streaks

TODAY = dt.date(2024, 3, 1)


def days(*back: int) -> set[dt.date]:
    return {TODAY - dt.timedelta(days=count) for count in back}


def test_a_streak_lasts_until_a_day_is_over_without_it() -> None:
    assert streaks.current(days(0, 1, 2), TODAY) == 3
    assert streaks.current(days(1, 2), TODAY) == 2  # today isn't over
    assert streaks.current(days(2, 3), TODAY) == 0
    assert streaks.current(set(), TODAY) == 0


def test_a_gap_ends_a_streak_and_the_best_is_kept() -> None:
    done = days(0, 1, 4, 5, 6, 7)  # over the 29th of February
    assert (streaks.current(done, TODAY), streaks.best(done)) == (2, 4)


def test_a_day_belongs_to_who_asks_and_not_to_the_server() -> None:
    done = days(0, 1)
    assert streaks.current(done, TODAY + dt.timedelta(days=1)) == 2  # it is tomorrow already further east
    assert streaks.current(done, TODAY - dt.timedelta(days=1)) == 1  # and still yesterday further west
