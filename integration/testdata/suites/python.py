"""Runs CPython's tests, and tells what comes of each on a line that starts
with ^V: the verdict (or "start"), and the test's name."""

import os
import sys
import unittest

from test import libregrtest, support


class Result(unittest.TextTestResult):
    out = os.dup(1)  # tests may do with 1 what they like

    def tell(self, test, verdict):
        os.write(self.out, f"\x16{verdict} {test.id().replace(' ', '_')}\n".encode(errors="replace"))

    def startTest(self, test):
        super().startTest(test)
        self.verdict = "pass"
        self.tell(test, "start")

    def stopTest(self, test):
        self.tell(test, self.verdict)
        self.verdict = None
        super().stopTest(test)

    def worse(self, test, verdict):
        if getattr(self, "verdict", None) is None:  # what makes a class or a module ready
            self.tell(test, verdict)
        elif self.verdict != "fail":
            self.verdict = verdict

    def addError(self, test, err):
        super().addError(test, err)
        self.worse(test, "fail")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.worse(test, "fail")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.worse(test, "fail")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.worse(test, "fail")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.worse(test, "skip")


def runner(stream, verbosity=0, capture_output=False):
    return unittest.TextTestRunner(stream, resultclass=Result, verbosity=2)


if __name__ == "__main__":
    support.get_test_runner = runner
    libregrtest.main()
