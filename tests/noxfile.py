"""The Python tests under every supported Python that nox finds: `nox -f tests/noxfile.py`."""

import nox

FOLDERS = ["tests/bindings", "tests/conformance", "tests/examples", "tests/outside"]


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Install weft and run the groups of folders that depend on the Python."""
    session.chdir("..")
    session.install(".[test]")
    session.run("pytest", *FOLDERS, *session.posargs)
