"""What several threads wait for, nobody waits for once Ctrl-C was pressed."""

from threading import Barrier

import pytest

from cli.destroy.workers import Interrupted, Workers

FOR_EVER = 3600.0


def test_results_keep_their_order() -> None:
    assert Workers().each(lambda number: number * 2, range(20), at_once=4) == list(range(0, 40, 2))


def test_a_failure_leaves_later_work_alone() -> None:
    workers = Workers()
    with pytest.raises(ZeroDivisionError):
        workers.each(lambda number: 1 / number, [1, 0])
    assert workers.go_on()


def test_an_interruption_ends_every_wait() -> None:
    workers, ended, all_begun = Workers(), list[str](), Barrier(3)

    def work(what: str) -> None:
        all_begun.wait()
        if what == "interrupted":
            raise KeyboardInterrupt
        try:
            workers.sleep(FOR_EVER)
        except Interrupted:
            ended.append(what)
            raise

    with pytest.raises(KeyboardInterrupt):
        workers.each(work, ["interrupted", "first", "second"], at_once=3)
    assert sorted(ended) == ["first", "second"]
    assert not workers.go_on()
