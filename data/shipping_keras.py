"""How the shipped Keras networks are written: equal weights give equal bytes, which older versions of Keras read."""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import keras

from labkit.files import replacing

# What Keras notes of the moment, and settings of newer versions that are left as older ones have them.
_PASSING = {"date_saved", "shared_object_id", "renorm", "renorm_momentum"}


def save(model: keras.Model, path: Path, **_notes: Any) -> None:
    """Write the network without its optimizer.

    Keras notes the time of day and addresses of objects in the file, and settings that older versions do not
    know although they are left at None. All of that is dropped; nothing of it is needed to load the network. Its
    format has no place for notes.
    """
    bare = keras.models.clone_model(model)
    bare.set_weights(model.get_weights())
    with tempfile.TemporaryDirectory() as folder:
        bare.save(as_keras_writes := Path(folder) / "network.keras")
        with (
            replacing(path) as unfinished,
            zipfile.ZipFile(as_keras_writes) as source,
            zipfile.ZipFile(unfinished, "w") as target,
        ):
            for member in source.namelist():
                content = source.read(member)
                if member.endswith(".json"):
                    content = json.dumps(_lasting(json.loads(content))).encode()
                target.writestr(zipfile.ZipInfo(member), content)


def _lasting(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _lasting(value) for key, value in part.items() if value is not None and key not in _PASSING}
    return [_lasting(value) for value in part] if isinstance(part, list) else part
