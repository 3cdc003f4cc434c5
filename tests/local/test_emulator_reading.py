"""Documents of every format are read, cut as the data source says, and given to the owner's function."""

from typing import Any

import pytest

from tests.local.account import Account, allow
from tests.local.functions import make_function
from tests.local.knowledge_bases import NEEDED, make
from tests.local.office import docx, pdf, protected_pdf, xlsx

pytestmark = pytest.mark.local

LOCKED, BROKEN = "the file is protected by a password", "the file is no Office document that can be read"
HUTS = [f"Hut number {number} stands by the lake called {number * 7}." for number in range(40)]
FUNCTION = """
import json, boto3

def handler(event, context):
    s3, bucket, files = boto3.client("s3"), event["bucketName"], []
    for file in event["inputFiles"]:
        keys = []
        for batch in file["contentBatches"]:
            contents = json.loads(s3.get_object(Bucket=bucket, Key=batch["key"])["Body"].read())["fileContents"]
            lines = [line for each in contents for line in each["contentBody"].splitlines() if line]
            made = [{"contentBody": line, "contentType": "TEXT", "contentMetadata": {"line": n}}
                    for n, line in enumerate(lines, 1)]
            keys.append(batch["key"] + ".out")
            s3.put_object(Bucket=bucket, Key=keys[-1], Body=json.dumps({"fileContents": made}).encode())
        files.append({"originalFileLocation": file["originalFileLocation"], "fileMetadata": file["fileMetadata"],
                      "contentBatches": [{"key": key} for key in keys]})
    return {"outputFiles": files}
"""


def test_pdf_word_and_excel_are_read_and_what_cannot_be_is_named(account: Account) -> None:
    base = make(account, *NEEDED)
    base.upload(
        {
            "ropes.pdf": pdf(["Ropes are dried in the shade.", "A rope is retired after four years."]),
            "boots.docx": docx("Boots", "Boots are lent for a week."),
            "prices.xlsx": xlsx(("item", "price"), ("stove", "twenty crowns")),
            "locked.pdf": protected_pdf(),
            "broken.docx": b"PK nothing",
            "wide.csv": f"pump,list\nE-5032,{'x' * 140_000}\n",
            "odd.html": "<head><title>Odd<![what now]><body><p>The lamp is filled with oil.",
        }
    )
    job = base.sync()
    assert job["statistics"]["numberOfNewDocumentsIndexed"] == 5
    documents = base.documents()
    assert documents["locked.pdf"] == ("FAILED", LOCKED)
    assert documents["broken.docx"][1].startswith(BROKEN)
    best = base.retrieve("When is a rope retired?")[0]
    assert "four years" in best["content"]["text"]
    assert best["metadata"]["x-amz-bedrock-kb-document-page-number"] == 1
    assert base.retrieve("What is the price of the stove?")[0]["content"]["text"] == "item: stove; price: twenty crowns"
    assert "lent for a week" in base.retrieve("How long are boots lent?")[0]["content"]["text"]


def test_small_chunks_are_found_and_the_large_one_is_given_once(account: Account) -> None:
    sizes = {"levelConfigurations": [{"maxTokens": 100}, {"maxTokens": 12}], "overlapTokens": 1}
    reading = {"chunkingStrategy": "HIERARCHICAL", "hierarchicalChunkingConfiguration": sizes}
    base = make(account, *NEEDED, reading={"chunkingConfiguration": reading})
    base.upload({"huts.txt": "\n".join(HUTS)})
    base.sync()
    given = [result["content"]["text"] for result in base.retrieve("Where does hut number 13 stand?")]
    assert HUTS[13] in given[0]
    assert len(given[0].splitlines()) > 5
    assert len(given) == len(set(given))


def test_what_only_a_model_could_read_is_refused_by_name(account: Account) -> None:
    parsing = {"parsingStrategy": "BEDROCK_DATA_AUTOMATION"}
    base = make(account, *NEEDED, reading={"parsingConfiguration": parsing})
    base.upload({"ropes.pdf": pdf(["Ropes."]), "ropes.txt": "Ropes are dried in the shade."})
    job = base.sync()
    assert base.documents()["ropes.txt"] == ("INDEXED", None)
    reason = "the local AWS has no model that reads the pages of a .pdf, as BEDROCK_DATA_AUTOMATION does"
    assert job["failureReasons"] == [f"s3://{base.bucket}/ropes.pdf: {reason}"]


@pytest.mark.parametrize("permitted", [True, False])
def test_the_owners_function_makes_the_chunks_under_both_roles(account: Account, permitted: bool) -> None:
    storage = account.bucket()
    role = account.role(allow("s3:GetObject", "s3:PutObject", "logs:*"), trusts="lambda.amazonaws.com")
    name = make_function(account, role, FUNCTION)
    called: dict[str, Any] = {"lambdaArn": f"arn:aws:lambda:us-east-1:{account.aws.account}:function:{name}"}
    step = {
        "stepToApply": "POST_CHUNKING",
        "transformationFunction": {"transformationLambdaConfiguration": called},
    }
    transformation = {
        "intermediateStorage": {"s3Location": {"uri": f"s3://{storage}/passages/"}},
        "transformations": [step],
    }
    reading = {
        "chunkingConfiguration": {"chunkingStrategy": "NONE"},
        "customTransformationConfiguration": transformation,
    }
    more = ("s3:PutObject", "lambda:InvokeFunction") if permitted else ("s3:PutObject",)
    base = make(account, *NEEDED, *more, reading=reading)
    base.upload({"huts.txt": "\n".join(HUTS[:5])})
    job = base.sync()
    if not permitted:
        assert job["status"] == "FAILED"
        assert "lambda:InvokeFunction" in " ".join(job["failureReasons"])
        return
    best = base.retrieve("Where does hut number 3 stand?")[0]
    assert (best["content"]["text"], best["metadata"]["line"]) == (HUTS[3], 4)
