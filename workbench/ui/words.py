"""What a run is doing, in one sentence, the same on every face."""

from collections.abc import Sequence

from workbench.runs.status import Status


def duration(seconds: int | float) -> str:
    """A length of time as people say it.

    >>> duration(65), duration(3700)
    ('1 min 05 s', '1 h 01 min')
    """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def percent(fraction: int | float) -> str:
    """A fraction as per cent, to one digit.

    >>> percent(0.6219)
    '62.2 %'
    """
    return f"{100 * fraction:.1f} %"


def state_in_words(status: Status, checkpoint: str | None, ahead: Sequence[str] = ()) -> str:
    """One sentence for a person: what is going on, what comes next, what can be done.

    ``checkpoint`` is the name of the last good checkpoint; ``ahead`` are the runs a queued one
    waits for, as people call them.
    """
    return _alive(status, ahead) if status.alive else _ended(status, checkpoint)


def _alive(status: Status, ahead: Sequence[str]) -> str:
    match status.state:
        case "queued":
            return _waiting(status, ahead)
        case "starting":
            return f"Starting: {status.stage or 'loading the program'}."
        case "stopping":
            return f"Stopping after step {_step(status)}: it writes a checkpoint first."
        case _:
            return _running(status)


def _ended(status: Status, checkpoint: str | None) -> str:
    match status.state:
        case "finished":
            return f"Finished after {status.step} steps."
        case "stopped":
            return f"Stopped at step {_step(status)}. {_resume(checkpoint)}"
        case "failed":
            return f"Failed at step {_step(status)}. {_resume(checkpoint)}"
        case _:
            where = f"at step {_step(status)}"
            ended = f"Lost: its process ended without a word {where}."
            return " ".join(filter(None, (ended, status.error, _resume(checkpoint))))


def _waiting(status: Status, ahead: Sequence[str]) -> str:
    device = " or ".join(status.devices) or "its device"
    if not ahead:
        return f"Waiting for {device}."
    if len(ahead) == 1:
        return f"Waiting for {device}: {ahead[0]} comes first."
    return f"Waiting for {device}: {ahead[0]} and {len(ahead) - 1} more come first."


def _running(status: Status) -> str:
    if status.stage and status.step == 0:
        return f"Getting ready: {status.stage}."
    stage = f", {status.stage}" if status.stage else ""
    left = "" if status.eta is None else f", about {duration(status.eta)} left"
    return f"Training: step {_step(status)}{stage}{left}."


def _step(status: Status) -> str:
    return f"{status.step} of {status.total}" if status.total else str(status.step)


def _resume(checkpoint: str | None) -> str:
    if checkpoint is None:
        return "There is no checkpoint yet: Resume begins again at step 0."
    step = int(checkpoint.removeprefix("step_"))
    return f"The last checkpoint is of step {step}: Resume goes on from there."
