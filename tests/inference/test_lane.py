"""All jobs run in one thread, in order, and what goes wrong in one reaches whoever waits for it."""

import threading

import pytest

from inference.lane import Lane


def test_jobs_take_turns_in_one_thread_beside_the_caller():
    lane = Lane()
    threads = [lane.run(threading.get_ident) for _ in range(3)]
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    later = [lane.start(lambda n=n: n) for n in range(5)]
    assert [future.result(5) for future in later] == list(range(5))


def test_a_job_that_fails_is_its_callers_alone():
    lane = Lane()
    with pytest.raises(ZeroDivisionError):
        lane.run(lambda: 1 // 0)
    assert lane.run(lambda: 1) == 1


def test_a_closed_lane_ends_after_what_it_was_given():
    lane = Lane()
    thread = lane.run(threading.current_thread)
    last = lane.start(lambda: "done")
    lane.close()
    assert last.result(5) == "done"
    thread.join(5)
    assert not thread.is_alive()
