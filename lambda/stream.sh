#!/bin/sh
# Starts the web application that streams answers, where the Lambda Web Adapter runs it instead of a handler.
# Unbuffered, for each line of the log is one of standard output.
export PYTHONPATH="$LAMBDA_TASK_ROOT:$LAMBDA_RUNTIME_DIR:$PYTHONPATH"
exec python -u -m arbiter.handlers.stream
