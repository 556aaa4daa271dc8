"""Runs are trained in this process, on one thread, as in the tests of experiments."""

from tests.experiment.conftest import alone as alone
from tests.experiment.conftest import finished_run as finished_run
