"""The API of Amazon S3 Vectors: vector buckets, indexes, and vectors with metadata."""

import time

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.internals import scope
from local.emulator.knowledge.vectors import arns
from local.emulator.knowledge.vectors.queries import described, get, query
from local.emulator.knowledge.vectors.search import VectorIndex
from local.emulator.knowledge.vectors.store import (
    BUCKETS,
    SEARCHABLE,
    Bucket,
    Index,
    bucket_named,
    find_index,
    put,
    searchable,
)

VECTORS_PER_PUT = 500


def install() -> None:
    """Serve the API."""
    operations = [("POST", f"^/{operation}$", handler) for operation, handler in _OPERATIONS.items()]
    serve("s3vectors", [*operations, ("GET", r"^/tags/(.+)$", _tags)])


def _bucket_of(request: Request) -> tuple[str, Bucket]:
    account, region = scope()
    name = arns.names(arns.of_request(request.body, region, account))[0]
    return name, bucket_named(name)


def _index_of(request: Request) -> Index:
    account, region = scope()
    return find_index(arns.of_request(request.body, region, account))


def _create_bucket(request: Request) -> Reply:
    account, region = scope()
    name = request.body["vectorBucketName"]
    if (account, region, name) in BUCKETS:
        raise ServiceError("ConflictException", "A vector bucket with the specified name already exists", 409)
    arn = arns.bucket(name, region, account)
    encryption = request.body.get("encryptionConfiguration") or {"sseType": "AES256"}
    BUCKETS[account, region, name] = Bucket(
        {
            "vectorBucketName": name,
            "vectorBucketArn": arn,
            "creationTime": int(time.time()),
            "encryptionConfiguration": encryption,
        },
        tags=request.body.get("tags") or {},
    )
    return reply({"vectorBucketArn": arn})


def _list_buckets(_: Request) -> Reply:
    fields = ("vectorBucketName", "vectorBucketArn", "creationTime")
    here = [bucket for key, bucket in BUCKETS.items() if key[:2] == scope()]
    return reply({"vectorBuckets": [{name: bucket.description[name] for name in fields} for bucket in here]})


def _delete_bucket(request: Request) -> Reply:
    name, bucket = _bucket_of(request)
    if bucket.indexes:
        raise ServiceError("ConflictException", "The vector bucket is not empty: delete its indexes first", 409)
    del BUCKETS[(*scope(), name)]
    return reply({})


def _create_index(request: Request) -> Reply:
    account, region = scope()
    body = request.body
    bucket_name, bucket = _bucket_of(request)
    name = body["indexName"]
    if name in bucket.indexes:
        raise ServiceError("ConflictException", "An index with the specified name already exists", 409)
    if not 1 <= body["dimension"] <= 4096:
        raise ServiceError("ValidationException", f"dimension is {body['dimension']}; allowed: 1 to 4096")
    arn = arns.index(bucket_name, name, region, account)
    description = {
        "vectorBucketName": bucket_name,
        "indexName": name,
        "indexArn": arn,
        "creationTime": int(time.time()),
        **{key: body[key] for key in ("dataType", "dimension", "distanceMetric")},
    }
    languages = searchable(body)
    if body.get("metadataConfiguration"):
        built = [{**each, "status": "ACTIVE"} for each in body["metadataConfiguration"].get(SEARCHABLE) or []]
        description["metadataConfiguration"] = {
            **body["metadataConfiguration"],
            **({SEARCHABLE: built} if built else {}),
        }
    bucket.indexes[name] = Index(
        description, VectorIndex(body["dimension"], body["distanceMetric"], languages), body.get("tags") or {}
    )
    return reply({"indexArn": arn})


def _list_indexes(request: Request) -> Reply:
    fields = ("vectorBucketName", "indexName", "indexArn", "creationTime")
    indexes = _bucket_of(request)[1].indexes.values()
    return reply({"indexes": [{name: index.description[name] for name in fields} for index in indexes]})


def _delete_index(request: Request) -> Reply:
    index = _index_of(request)
    bucket_named(index.description["vectorBucketName"]).indexes.pop(index.description["indexName"])
    return reply({})


def _tags(_: Request, arn: str) -> Reply:
    resource = find_index(arn) if "/index/" in arn else bucket_named(arns.names(arn)[0])
    return reply({"tags": resource.tags})


def _put_vectors(request: Request) -> Reply:
    vectors = request.body["vectors"]
    if len(vectors) > VECTORS_PER_PUT:
        raise ServiceError("ValidationException", f"{len(vectors)} vectors; at most {VECTORS_PER_PUT} in a request")
    put(_index_of(request), vectors)
    return reply({})


def _list_vectors(request: Request) -> Reply:
    index = _index_of(request)
    start, size = int(request.body.get("nextToken") or 0), int(request.body.get("maxResults") or 500)
    keys = index.vectors.keys()
    page = {"vectors": [described(index, key, request) for key in keys[start : start + size]]}
    return reply({**page, "nextToken": str(start + size)} if start + size < len(keys) else page)


def _delete_vectors(request: Request) -> Reply:
    _index_of(request).vectors.delete(request.body["keys"])
    return reply({})


def _put_policy(request: Request) -> Reply:
    _bucket_of(request)[1].policy = request.body["policy"]
    return reply({})


def _get_policy(request: Request) -> Reply:
    name, bucket = _bucket_of(request)
    if bucket.policy is None:
        raise ServiceError("NotFoundException", f"The vector bucket {name} has no policy", 404)
    return reply({"policy": bucket.policy})


def _delete_policy(request: Request) -> Reply:
    _bucket_of(request)[1].policy = None
    return reply({})


_OPERATIONS = {
    "CreateVectorBucket": _create_bucket,
    "GetVectorBucket": lambda request: reply({"vectorBucket": _bucket_of(request)[1].description}),
    "ListVectorBuckets": _list_buckets,
    "DeleteVectorBucket": _delete_bucket,
    "PutVectorBucketPolicy": _put_policy,
    "GetVectorBucketPolicy": _get_policy,
    "DeleteVectorBucketPolicy": _delete_policy,
    "CreateIndex": _create_index,
    "GetIndex": lambda request: reply({"index": _index_of(request).description}),
    "ListIndexes": _list_indexes,
    "DeleteIndex": _delete_index,
    "PutVectors": _put_vectors,
    "GetVectors": lambda request: get(_index_of(request), request),
    "ListVectors": _list_vectors,
    "DeleteVectors": _delete_vectors,
    "QueryVectors": lambda request: query(_index_of(request), request),
}
