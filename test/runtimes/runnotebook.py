"""Runs the code of cells, a JSON list on stdin, in Deno's kernel; prints what each of them shows.

Deno says now and then that it is idle before it sends a result, so results are told apart by the request they answer,
and a while is waited for the last ones. nbclient would lose them.
"""

import json
import queue
import sys

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="deno", startup_timeout=60)
shown = []
places = {}


def take(timeout):
    """Takes one message, and keeps what it shows; None where none comes."""
    try:
        message = client.get_iopub_msg(timeout=timeout)
    except queue.Empty:
        return None
    place = places.get(message["parent_header"].get("msg_id"))
    kind, content = message["msg_type"], message["content"]
    if place is not None and kind in ("execute_result", "display_data", "stream", "error"):
        shown[place].append({"output_type": kind, **content})
    return message


try:
    for source in json.load(sys.stdin):
        places[client.execute(source)] = len(shown)
        shown.append([])
        reply = client.get_shell_msg(timeout=60)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(json.dumps(reply["content"]))
    while take(2) is not None:
        pass
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
json.dump(shown, sys.stdout)
