"""Runs the published SDK for tests: one JSON request per line in, one JSON answer per line out.

Clients live in this process under names, so that a test can change the server between two of their calls.
"""

import json
import sys
import threading

import controlzero

clients = {}
bursts = {}


def described(decision):
    return {
        "effect": decision.effect,
        "policy_id": decision.policy_id,
        "reason": decision.reason,
        "reason_code": decision.reason_code,
        "masked_args": decision.masked_args,
    }


def guard(client, call):
    context = {name: call[name] for name in ("resource", "client_name") if name in call}
    decision = client.guard(
        call["tool"], args=call.get("args"), method=call.get("method", "*"), context=context or None
    )
    return described(decision)


def open_client(request):
    options = {"api_key": request["key"], "log_path": request["log"]}
    if "refresh_seconds" in request:
        options["refresh_interval_seconds"] = request["refresh_seconds"]
    clients[request["client"]] = controlzero.Client(**options)
    return True


def close_client(request):
    clients.pop(request["client"]).close()
    return True


def start_burst(request):
    """Guards calls with the methods step-<from> to step-<until> in a thread, while other requests go on."""
    client = clients[request["client"]]

    def work():
        for number in range(request["from"], request["until"]):
            client.guard(request["tool"], args={"number": number}, method=f"step-{number}")
            pause.wait(request.get("pause", 0))

    pause = threading.Event()
    bursts[request["client"]] = threading.Thread(target=work)
    bursts[request["client"]].start()
    return True


def finish_burst(request):
    bursts.pop(request["client"]).join()
    return True


operations = {
    "open": open_client,
    "close": close_client,
    "guard": lambda request: [guard(clients[request["client"]], call) for call in request["calls"]],
    "refresh": lambda request: clients[request["client"]].refresh(),
    "start burst": start_burst,
    "finish burst": finish_burst,
}

answers = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"answer": operations[request["do"]](request)}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
