"""A boto3 client whose answers are all written to standard output, and what programs with one have in common.

Standard input: JSON with `endpoint`, `region`, `account`, and what the program itself needs.

Standard output: every answer as a line of JSON: the operation, status, headers and text of the answer, and what
botocore made of it.
"""

import datetime
import json
import sys

import boto3
from botocore.config import Config

given = json.load(sys.stdin)
region, account = given['region'], given['account']
stranger = '999988887777'

aws = boto3.client(
    'codeartifact',
    endpoint_url=given['endpoint'],
    region_name=region,
    aws_access_key_id=account,
    aws_secret_access_key='test',
    config=Config(retries={'total_max_attempts': 1}),
)
errors = aws.exceptions


def record(event_name, response_dict, parsed_response, **_):
    body = response_dict['body']
    line = {
        'operation': event_name.split('.')[-1],
        'status': response_dict['status_code'],
        # Names beyond ASCII travel as UTF-8, which urllib3 reads as Latin-1.
        'headers': {name.lower(): value.encode('latin-1').decode() for name, value in response_dict['headers'].items()},
        'text': body.decode() if isinstance(body, bytes) else None,
        'parsed': {name: value for name, value in parsed_response.items() if not hasattr(value, 'read')},
    }
    print(json.dumps(line, default=datetime.datetime.timestamp))


aws.meta.events.register('response-received.codeartifact', record)


def refused(code, operation, **members):
    """Calls an operation that answers with an error, which is boto3's own class for it; returns the answer."""
    try:
        operation(**members)
    except errors.ClientError as error:
        assert error.response['Error']['Code'] == code, error
        assert isinstance(error, getattr(errors, code)), error
        return error.response
    raise AssertionError(f'{operation.__name__}({members}) was not refused with {code}')


def arn(resource):
    return f'arn:aws:codeartifact:{region}:{account}:{resource}'
