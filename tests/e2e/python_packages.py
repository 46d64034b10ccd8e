"""Python packages for a test, in a virtual environment of its own."""
import subprocess
import sys


def skip(why):
    """ctest shows the test as skipped."""
    print(f"SKIPPED: {why}")
    sys.exit(77)


def install(work, requirements):
    """The directory of the programs of a virtual environment below `work` that has what the file
    `requirements` names; made once."""
    wanted = requirements.read_text()
    programs = work / "venv" / "bin"
    mark = work / "installed-for"
    if mark.exists() and mark.read_text() == wanted:
        return programs
    work.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", work / "venv"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode != 0:
        skip("there is no python3-venv (tools/setup test installs it): " + made.stdout[-400:])
    done = subprocess.run([programs / "pip", "install", "--quiet", "--disable-pip-version-check",
                           "-r", requirements],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip("pip could not fetch them: " + done.stdout[-400:])
    mark.write_text(wanted)
    return programs
