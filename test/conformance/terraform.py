"""What Terraform's provider for AWS asks of CodeArtifact, call by call, and what it makes sure of.

After each change it reads the resource and its tags again, by the parts of the ARN that is the resource's id.
Source: the provider's resources and acceptance tests.
"""

import json

from recording import account, arn, aws, refused, region, stranger


def read_domain(id):
    _, _, _, _, owner, resource = id.split(':', 5)
    domain = aws.describe_domain(domain=resource.removeprefix('domain/'), domainOwner=owner)['domain']
    assert (domain['arn'], domain['owner']) == (id, owner), domain
    assert domain['encryptionKey'].startswith(f'arn:aws:kms:{region}:{account}:key/'), domain
    assert domain['s3BucketArn'].startswith('arn:aws:s3:::') and 'createdTime' in domain, domain
    assert (domain['assetSizeBytes'], type(domain['repositoryCount'])) == (0, int), domain
    return domain, tags_of(id)


def read_repository(id):
    _, _, _, _, owner, resource = id.split(':', 5)
    _, domain, name = resource.split('/')
    repository = aws.describe_repository(domain=domain, repository=name, domainOwner=owner)['repository']
    assert repository['arn'] == id and repository['administratorAccount'] == account, repository
    return repository, tags_of(id)


def tags_of(id):
    return {tag['key']: tag['value'] for tag in aws.list_tags_for_resource(resourceArn=id)['tags']}


def pairs(tags):
    return [{'key': key, 'value': value} for key, value in tags.items()]


def meaning(document):
    """A policy in one form: a single statement, action or principal is a list of one."""

    def listed(value):
        return value if isinstance(value, list) else [value]

    policy = json.loads(document)
    return policy['Version'], [
        {
            **statement,
            'Action': sorted(listed(statement['Action'])),
            'Resource': sorted(listed(statement['Resource'])),
            'Principal': {kind: sorted(listed(who)) for kind, who in statement['Principal'].items()},
        }
        for statement in listed(policy['Statement'])
    ]


def policy_of(actions):
    statement = {'Effect': 'Allow', 'Principal': {'AWS': [stranger]}, 'Action': actions, 'Resource': ['*']}
    return json.dumps({'Version': '2012-10-17', 'Statement': [statement]}, indent=2)


def domain():
    id = aws.create_domain(domain='acme', tags=pairs({'team': 'bread'}))['domain']['arn']
    assert id == arn('domain/acme'), id
    assert read_domain(id)[1] == {'team': 'bread'}
    # Tags that are gone are removed, tags that are new or other are set.
    aws.untag_resource(resourceArn=id, tagKeys=['team'])
    aws.tag_resource(resourceArn=id, tags=pairs({'kind': 'cake'}))
    assert read_domain(id)[1] == {'kind': 'cake'}
    return id


def repositories():
    at = {'domain': 'acme'}
    public = aws.create_repository(**at, repository='public')['repository']['arn']
    connection = {**at, 'domainOwner': account, 'repository': 'public', 'externalConnection': 'public:npmjs'}
    aws.associate_external_connection(**connection)
    repository, tags = read_repository(public)
    [connected] = repository['externalConnections']
    assert (connected['status'], connected['packageFormat'], tags) == ('AVAILABLE', 'npm', {}), (repository, tags)
    # Of a connection that was changed it associates the new one only.
    changed = {**connection, 'externalConnection': 'public:pypi'}
    refused('ValidationException', aws.associate_external_connection, **changed)
    aws.disassociate_external_connection(**connection)
    assert read_repository(public)[0]['externalConnections'] == []

    upstreams = [{'repositoryName': 'public'}]
    made = aws.create_repository(**at, repository='app', description='ours', upstreams=upstreams, tags=pairs({'a': ''}))
    app = made['repository']['arn']
    assert app == arn('repository/acme/app'), app
    repository, tags = read_repository(app)
    assert (repository['upstreams'], repository['description'], tags) == (upstreams, 'ours', {'a': ''}), repository
    # A description that is gone is sent as an empty one; upstreams that are gone are not sent, and so they stay.
    aws.update_repository(**at, domainOwner=account, repository='app', description='')
    repository, _ = read_repository(app)
    assert 'description' not in repository and repository['upstreams'] == upstreams, repository
    return app, public


def policies(kind, at, id):
    get, put, delete = (getattr(aws, f'{verb}_{kind}_permissions_policy') for verb in ['get', 'put', 'delete'])
    action = 'codeartifact:CreateRepository' if kind == 'domain' else 'codeartifact:ReadFromRepository'
    for actions in [[action], [action, f'codeartifact:Describe{kind.title()}']]:
        document = policy_of(actions)
        assert put(**at, policyDocument=document)['policy']['resourceArn'] == id
        policy = get(**at, domainOwner=account)['policy']
        assert policy['resourceArn'] == id and policy['revision'], policy
        assert meaning(policy['document']) == meaning(document), policy
    delete(**at, domainOwner=account, policyRevision=policy['revision'])
    refused('ResourceNotFoundException', get, **at, domainOwner=account)


def package_origin_configuration():
    package = {'domain': 'acme', 'repository': 'app', 'format': 'npm', 'package': 'planned'}
    for restrictions in [{'publish': 'BLOCK', 'upstream': 'ALLOW'}, {'publish': 'ALLOW', 'upstream': 'ALLOW'}]:
        aws.put_package_origin_configuration(**package, restrictions=restrictions)
        described = aws.describe_package(**package)['package']
        assert described['originConfiguration'] == {'restrictions': restrictions}, described


def data():
    token = aws.get_authorization_token(domain='acme', domainOwner=account, durationSeconds=900)
    assert token['authorizationToken'] and token['expiration'], token
    endpoint = aws.get_repository_endpoint(domain='acme', domainOwner=account, repository='app', format='npm')
    assert endpoint['repositoryEndpoint'].endswith('/npm/app/'), endpoint


def destroy(domain_id, repository_ids):
    for id in repository_ids:
        at = {'domain': 'acme', 'domainOwner': account, 'repository': id.rsplit('/', 1)[1]}
        aws.delete_repository(**at)
        refused('ResourceNotFoundException', aws.describe_repository, **at)
        refused('ResourceNotFoundException', aws.list_tags_for_resource, resourceArn=id)
    aws.delete_domain(domain='acme', domainOwner=account)
    refused('ResourceNotFoundException', aws.describe_domain, domain='acme', domainOwner=account)
    refused('ResourceNotFoundException', aws.list_tags_for_resource, resourceArn=domain_id)


acme = domain()
app, public = repositories()
policies('domain', {'domain': 'acme'}, acme)
policies('repository', {'domain': 'acme', 'repository': 'app'}, app)
package_origin_configuration()
data()
destroy(acme, [app, public])
