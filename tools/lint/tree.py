"""The files of the tree that lint looks at."""

import os
import subprocess


def tracked_files(root, suffixes=("",)):
    """Paths below `root`, with "/" between, of the files that belong to it: those that git knows or
    would add; in a directory without git, all. Sorted."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, stdout=subprocess.PIPE).stdout.decode()
        paths = {path for path in listed.split("\0") if path and (root / path).is_file()}
    else:
        paths = set()
        for folder, _, names in os.walk(root):
            paths.update(os.path.relpath(os.path.join(folder, name), root) for name in names)
    return sorted(path.replace(os.sep, "/") for path in paths if path.endswith(tuple(suffixes)))
