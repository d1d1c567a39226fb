"""The decisions of evaluation: pure functions of facts and policy."""
