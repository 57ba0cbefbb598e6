"""PostgreSQL refuses to run as root; here is the user it runs as then, and folders that user can reach.

Where the data folder lies below one that the user cannot enter (/root), the database lives in
/var/lib/posegen and the data folder holds a link to it: that survives a reboot, as /tmp would not, `ls` shows
where the data is, and the data folder can be moved. The folder there has a random name, so a data folder that
was deleted and made again never meets the old database.
"""

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from schema.errors import Unavailable

SERVICE_USER = "nobody"
SHARED = Path("/var/lib/posegen")

Account = pwd.struct_passwd


def account(home: Path) -> Account | None:
    """Who PostgreSQL runs as; None for ourselves. A home made by an ordinary user stays that user's."""
    if os.geteuid() != 0:
        return None
    owner = home.stat().st_uid if home.exists() else 0
    return pwd.getpwuid(owner) if owner else pwd.getpwnam(SERVICE_USER)


def make_home(home: Path, user: Account | None) -> Path:
    """The real folder behind `home`, owned by `user`."""
    if home.is_symlink() and not home.exists():
        raise Unavailable(
            f"{home} leads to {home.readlink()}, which is gone. Bring it back, or delete the link to begin "
            "with an empty database."
        )
    home.parent.mkdir(parents=True, exist_ok=True)
    if user is not None and not home.exists() and not _admits(home.parent.resolve(), user):
        home.symlink_to(_shared_folder(home.parent.resolve().parent.name))
    home.mkdir(mode=0o700, exist_ok=True)
    real = home.resolve()
    own(real, user)
    return real


def _admits(data_dir: Path, user: Account) -> bool:
    """Whether `user` can pass; a data folder of ours that is closed to all lets this one's group pass."""
    if not can_enter(data_dir.parent, user):
        return False
    info = data_dir.stat()
    if not can_enter(data_dir, user):
        if info.st_uid != os.geteuid() or info.st_mode & stat.S_IRWXG:
            return False
        os.chown(data_dir, -1, user.pw_gid)
        data_dir.chmod(stat.S_IMODE(info.st_mode) | stat.S_IXGRP)
    return True


def _shared_folder(name: str) -> Path:
    try:
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=SHARED))
    except OSError as error:
        raise Unavailable(
            f"Started by root, PostgreSQL runs as {SERVICE_USER}; {error.filename} cannot be made for it. "
            f"Choose a folder with --data that {SERVICE_USER} can enter."
        ) from error


def readable_copy(tree: Path, home: Path, user: Account | None) -> Path:
    """`tree` itself where `user` can read it, else a copy of it in `home`, made once."""
    if user is None or can_run(tree / "bin/postgres", user):
        return tree
    copy = home / "program"
    if not copy.exists():
        new = home / "program.new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(tree.parent, new / tree.parent.name, symlinks=True)
        libraries = tree.parent.with_name(
            f"{tree.parent.name}.libs"
        )  # programs look for them beside the package
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name, symlinks=True)
        for path in (new, *new.rglob("*")):
            own(path, user)
        new.replace(copy)
    return copy / tree.parent.name / tree.name


def own(path: Path, user: Account | None) -> None:
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def can_enter(folder: Path, user: Account) -> bool:
    """By mode bits alone; an access list that says otherwise costs no more than a link or a copy."""
    return all(_allows(step, user, stat.S_IXOTH) for step in (folder, *folder.parents))


def can_run(program: Path, user: Account) -> bool:
    return can_enter(program.parent, user) and _allows(program, user, stat.S_IROTH | stat.S_IXOTH)


def _allows(path: Path, user: Account, needed: int) -> bool:
    info = path.stat()
    if info.st_uid == user.pw_uid:
        needed <<= 6
    elif info.st_gid == user.pw_gid:
        needed <<= 3
    return info.st_mode & needed == needed
