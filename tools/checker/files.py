"""Files: those of what is selected are there, and no others."""

from collections.abc import Iterator

from ..template import fill_in, manifest, template_files, written_by_hook
from .service import Service


def faults(service: Service) -> Iterator[str]:
    """Finds files of what was not selected, missing and unknown ones, and empty directories."""
    features, selected = manifest(service.answers)
    owners = {path: feature for feature, paths in features.items() for path in paths}
    expected = {written_by_hook()}
    for name in template_files():
        path = fill_in(name, service.answers)
        owner = owners.get(path)
        if owner is None or selected[owner]:
            expected.add(path)
            if path not in service.texts:
                yield f"{path}: is missing"
        elif path in service.texts:
            yield f"{path}: belongs to {owner}, which is not selected"
            expected.add(path)
    if written_by_hook() not in service.texts:
        yield f"{written_by_hook()}: is missing"
    for path in service.texts.keys() - expected:
        yield f"{path}: is not a file of the template"
    for directory in service.root.rglob("*"):
        if directory.is_dir() and not any(directory.iterdir()):
            yield f"{directory.relative_to(service.root).as_posix()}: is an empty directory"
