"""One module a function."""

import os

from arbiter import log
from arbiter.aws.clients import BOTOCORE

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # AWS does not publish which version its runtime brings: a failure that only an older one has is told apart by this.
    log.write("function initialised", botocore=BOTOCORE)
