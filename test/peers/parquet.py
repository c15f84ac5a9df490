"""Parquet files of pyarrow and polars and what is in them: python3 test/peers/parquet.py FOLDER SEED

Prints a line of JSON per file: its path and its columns, numbers as text, null as null.
"""

import sys

# math.py beside this file is not Python's.
sys.path.pop(0)

import json
import random
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

try:
    import polars as pl
except ImportError:
    pl = None

folder, seed = sys.argv[1], int(sys.argv[2])
rng = random.Random(seed)
rows = 60


def maybe(make, share=0.2):
    return None if rng.random() < share else make()


def f32():
    return float(np.float32(rng.gauss(0, 100)))


def record():
    return {"pt": maybe(f32), "q": maybe(lambda: rng.randint(-9, 9))}


def make():
    def column(of):
        return [of() for _ in range(rows)]

    def listed(of, most=4):
        return [of() for _ in range(rng.randint(0, most))]

    jets = pa.list_(pa.struct([("pt", pa.float32()), ("q", pa.int32())]))
    types = {
        "f": (pa.float32(), lambda: maybe(f32)),
        "d": (pa.float64(), lambda: rng.choice([rng.random(), float("nan"), float("inf"), -0.0, 5e-324])),
        "i8": (pa.int8(), lambda: rng.randint(-128, 127)),
        "u16": (pa.uint16(), lambda: rng.randint(0, 65535)),
        "u32": (pa.uint32(), lambda: rng.randint(0, 2**32 - 1)),
        "i64": (pa.int64(), lambda: rng.randint(-(2**63), 2**63 - 1)),
        "u64": (pa.uint64(), lambda: rng.randint(0, 2**64 - 1)),
        "small": (pa.int64(), lambda: maybe(lambda: rng.randint(-5, 5))),
        "flag": (pa.bool_(), lambda: maybe(lambda: rng.random() < 0.5)),
        "none": (pa.float64(), lambda: None),
        "lists": (pa.list_(pa.float64()), lambda: maybe(lambda: listed(lambda: maybe(rng.random)))),
        "empty": (pa.list_(pa.float32()), lambda: []),
        "never": (pa.list_(pa.float32()), lambda: None),
        "jets": (jets, lambda: maybe(lambda: listed(lambda: maybe(record)))),
        "track": (pa.struct([("p", pa.float64())]), lambda: maybe(lambda: {"p": maybe(rng.random)})),
        "d9": (pa.decimal128(9, 3), lambda: maybe(lambda: Decimal(rng.randint(-(10**9) + 1, 10**9 - 1)).scaleb(-3))),
        "d18": (pa.decimal128(18, 18), lambda: Decimal(rng.randint(0, 10**18 - 1)).scaleb(-18)),
        "d38": (pa.decimal128(38, 20), lambda: Decimal(rng.randint(0, 10**21)).scaleb(-20)),
        "d50": (pa.decimal256(50, 5), lambda: maybe(lambda: Decimal(rng.randint(0, 10**18)).scaleb(-5))),
    }
    return pa.table({name: pa.array(column(of), type=kind) for name, (kind, of) in types.items()})


def leaf(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    return repr(value)


def flatten(table):
    """Columns of leaves, as gradcut names them."""
    out = {}

    def field(kind, values, name):
        if pa.types.is_struct(kind):
            for inner in kind:
                of = [None if value is None else value[inner.name] for value in values]
                field(inner.type, of, f"{name}_{inner.name}")
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
            inner = kind.value_type
            lists = [value or [] for value in values]
            if not pa.types.is_struct(inner):
                out[name] = [[leaf(x) for x in value] for value in lists]
                return
            for part in inner:
                out[f"{name}_{part.name}"] = [
                    [None if x is None else leaf(x[part.name]) for x in value] for value in lists
                ]
        else:
            out[name] = [leaf(value) for value in values]

    for part in table.schema:
        field(part.type, table.column(part.name).to_pylist(), part.name)
    return out


def say(path, table):
    print(json.dumps({"path": path, "columns": flatten(table)}))


for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    for options in [
        {"data_page_version": "1.0"},
        {"data_page_version": "2.0", "use_dictionary": False},
        {"data_page_version": "2.0", "write_page_checksum": True, "data_page_size": 200, "row_group_size": 17},
    ]:
        table = make()
        path = f"{folder}/pyarrow-{codec}-{'-'.join(str(x) for x in options.values())}.parquet"
        pq.write_table(table, path, compression=codec, **options)
        say(path, table)

if pl is not None:
    for codec in ["uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        table = make().drop_columns(["d9", "d18", "d38", "d50"])
        path = f"{folder}/polars-{codec}.parquet"
        pl.from_arrow(table).write_parquet(path, compression=codec)
        say(path, table)
