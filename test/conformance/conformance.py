"""Drives every operation of CodeArtifact through boto3, as its users do.

The server has a domain `acme` with what seed.ts puts into it, and the quotas of boto3.test.ts. `inputs` of standard
input has an input by operation that is right as far as the model goes. Ends with an error at the first expectation
that is not met.
"""

import datetime
import hashlib
import json
import urllib.request

from botocore import xform_name

from recording import account, arn, aws, given, refused, region, stranger


def names(items, member='name'):
    return [item[member] for item in items]


def domains():
    key = aws.create_domain(domain='mill')['domain']['encryptionKey']
    assert key.startswith(f'arn:aws:kms:{region}:{account}:key/'), key
    tags = [{'key': 'team', 'value': 'bread'}]
    made = aws.create_domain(domain='bakery', encryptionKey='alias/aws/codeartifact', tags=tags)['domain']
    assert made['encryptionKey'] == key and made['status'] == 'Active' and made['repositoryCount'] == 0, made
    assert 's3BucketArn' not in made, made
    assert aws.list_tags_for_resource(resourceArn=made['arn'])['tags'] == tags
    refused('ConflictException', aws.create_domain, domain='bakery')
    no_key = refused('ValidationException', aws.create_domain, domain='silo', encryptionKey='aws/codeartifact')
    assert no_key['reason'] == 'ENCRYPTION_KEY_ERROR' and 'KMS key not found' in no_key['message'], no_key

    described = aws.describe_domain(domain='bakery', domainOwner=account)['domain']
    assert described['s3BucketArn'].startswith('arn:aws:s3:::'), described
    assert described['createdTime'] == made['createdTime'], described
    assert {'acme', 'bakery', 'mill'} <= set(names(aws.list_domains()['domains']))

    aws.create_domain(domain='barn')
    full = refused('ServiceQuotaExceededException', aws.create_domain, domain='silo')
    assert (full['resourceType'], full['resourceId']) == ('domain', 'silo'), full

    aws.create_repository(domain='bakery', repository='shop')
    busy = refused('ConflictException', aws.delete_domain, domain='bakery')
    assert busy['message'] == 'Domain must contain 0 repositories before deletion', busy
    aws.delete_repository(domain='bakery', repository='shop')
    deleted = aws.delete_domain(domain='bakery')['domain']
    assert deleted['status'] == 'Deleted' and 's3BucketArn' not in deleted, deleted
    assert 'domain' not in aws.delete_domain(domain='bakery')
    missing = refused('ResourceNotFoundException', aws.describe_domain, domain='bakery')
    text = f"Domain not found. Domain 'bakery' owned by account '{account}' does not exist."
    assert (missing['message'], missing['resourceType']) == (text, 'domain'), missing


def repositories():
    at = {'domain': 'acme', 'repository': 'shop'}
    upstreams = [{'repositoryName': 'shared'}, {'repositoryName': 'base'}]
    tags = [{'key': 'team', 'value': ''}]
    made = aws.create_repository(**at, description='Our shop 🥖', upstreams=upstreams, tags=tags)['repository']
    assert made['arn'] == arn('repository/acme/shop') and made['administratorAccount'] == account, made
    assert made['upstreams'] == upstreams and made['externalConnections'] == [], made
    assert made['description'] == 'Our shop 🥖', made
    assert aws.list_tags_for_resource(resourceArn=made['arn'])['tags'] == tags
    refused('ConflictException', aws.create_repository, **at)
    third = [*upstreams, {'repositoryName': 'app'}]
    refused('ServiceQuotaExceededException', aws.create_repository, domain='acme', repository='mall', upstreams=third)
    assert aws.describe_repository(**at)['repository'] == made

    def update(**members):
        return aws.update_repository(**at, **members)['repository']

    assert update(upstreams=upstreams[::-1])['upstreams'] == upstreams[::-1]
    assert update(description='A shop')['upstreams'] == upstreams[::-1]
    assert update()['description'] == 'A shop'
    refused('ServiceQuotaExceededException', update, upstreams=third)
    refused('ValidationException', update, upstreams=[{'repositoryName': 'shop'}])
    refused('ResourceNotFoundException', update, upstreams=[{'repositoryName': 'nowhere'}])
    connection = {**at, 'externalConnection': 'public:pypi'}
    refused('ValidationException', aws.associate_external_connection, **connection)
    cleared = update(upstreams=[], description='')
    assert cleared['upstreams'] == [] and 'description' not in cleared, cleared

    connected = aws.associate_external_connection(**connection)['repository']['externalConnections']
    assert connected == [
        {'externalConnectionName': 'public:pypi', 'packageFormat': 'pypi', 'status': 'AVAILABLE'}
    ], connected
    second = refused('ValidationException', aws.associate_external_connection, **at, externalConnection='public:npmjs')
    assert second['message'] == 'ExternalConnections for repositories are currently limited to 1', second
    refused('ValidationException', aws.associate_external_connection, **at, externalConnection='public:nothing')
    refused('ValidationException', update, upstreams=[])
    assert aws.disassociate_external_connection(**connection)['repository']['externalConnections'] == []
    refused('ResourceNotFoundException', aws.disassociate_external_connection, **connection)

    for prefix, found in [('sh', ['shared', 'shop']), ('shop', ['shop']), ('SH', [])]:
        assert names(aws.list_repositories(repositoryPrefix=prefix)['repositories']) == found, prefix
        in_domain = aws.list_repositories_in_domain(domain='acme', repositoryPrefix=prefix)
        assert names(in_domain['repositories']) == found, prefix
    theirs = aws.list_repositories_in_domain(domain='acme', administratorAccount=stranger)
    assert theirs['repositories'] == [], theirs

    for format in ['npm', 'pypi', 'maven', 'nuget', 'generic', 'ruby', 'swift', 'cargo']:
        for kind in [{}, {'endpointType': 'ipv4'}, {'endpointType': 'dualstack'}]:
            endpoint = aws.get_repository_endpoint(**at, format=format, **kind)['repositoryEndpoint']
            assert endpoint.endswith(f'/{format}/shop/'), endpoint

    assert aws.delete_repository(**at)['repository']['name'] == 'shop'
    missing = refused('ResourceNotFoundException', aws.describe_repository, **at)
    text = f"Repository not found. Repository 'shop' in domain 'acme' owned by account '{account}' does not exist."
    assert (missing['message'], missing['resourceType']) == (text, 'repository'), missing


def policies():
    for kind, at, resource in [
        ('domain', {'domain': 'acme'}, 'domain/acme'),
        ('repository', {'domain': 'acme', 'repository': 'base'}, 'repository/acme/base'),
    ]:
        get, put, delete = (getattr(aws, f'{verb}_{kind}_permissions_policy') for verb in ['get', 'put', 'delete'])
        refused('ResourceNotFoundException', get, **at)
        refused('ResourceNotFoundException', delete, **at)
        refused('ValidationException', put, **at, policyDocument='{"Statement": 7}')
        action = 'codeartifact:CreateRepository' if kind == 'domain' else 'codeartifact:DescribeRepository'
        statement = {'Effect': 'Allow', 'Principal': {'AWS': stranger}, 'Action': action, 'Resource': '*'}
        document = {'Version': '2012-10-17', 'Statement': [statement]}
        first = put(**at, policyDocument=json.dumps(document, indent=2))['policy']
        assert first['resourceArn'] == arn(resource) and len(first['revision']) == 44, first
        assert json.loads(first['document']) == document and '\n' not in first['document'], first
        assert get(**at)['policy'] == first
        document['Statement'].append({**statement, 'Sid': 'Again'})
        text = json.dumps(document)
        second = put(**at, policyDocument=text, policyRevision=first['revision'])['policy']
        assert second['revision'] != first['revision'], second
        refused('ConflictException', put, **at, policyDocument=text, policyRevision=first['revision'])
        refused('ConflictException', delete, **at, policyRevision=first['revision'])
        assert delete(**at, policyRevision=second['revision'])['policy'] == second


def tags():
    aws.create_package_group(domain='acme', packageGroup='/npm/team~')
    for resource in ['domain/acme', 'repository/acme/base', 'package-group/acme/npm/team~', 'package-group/acme/%2a']:
        at = {'resourceArn': arn(resource)}
        assert aws.list_tags_for_resource(**at)['tags'] == []
        aws.tag_resource(**at, tags=[{'key': 'a', 'value': '1'}, {'key': 'b', 'value': ''}])
        aws.tag_resource(**at, tags=[{'key': 'a', 'value': '2'}])
        assert aws.list_tags_for_resource(**at)['tags'] == [{'key': 'a', 'value': '2'}, {'key': 'b', 'value': ''}]
        more = [{'key': key, 'value': ''} for key in 'cd']
        refused('ServiceQuotaExceededException', aws.tag_resource, **at, tags=more)
        refused('ValidationException', aws.tag_resource, **at, tags=[{'key': 'aws:a', 'value': ''}])
        aws.untag_resource(**at, tagKeys=['a', 'b', 'never'])
        assert aws.list_tags_for_resource(**at)['tags'] == []
    refused('ServiceQuotaExceededException', aws.create_package_group, domain='acme', packageGroup='/npm/*',
            tags=[{'key': key, 'value': ''} for key in 'abcd'])
    package = {'resourceArn': arn('package/acme/app/npm//widget')}
    for operation, more in [
        (aws.list_tags_for_resource, {}),
        (aws.tag_resource, {'tags': []}),
        (aws.untag_resource, {'tagKeys': []}),
    ]:
        refused('ValidationException', operation, **package, **more)
        refused('ResourceNotFoundException', operation, resourceArn=arn('repository/acme/nowhere'), **more)
        foreign = f'arn:aws:codeartifact:{region}:{stranger}:domain/acme'
        refused('AccessDeniedException', operation, resourceArn=foreign, **more)
    aws.delete_package_group(domain='acme', packageGroup='/npm/team~')


def tokens():
    for duration, seconds in [(None, 43200), (0, 43200), (900, 900), (43200, 43200)]:
        members = {} if duration is None else {'durationSeconds': duration}
        token = aws.get_authorization_token(domain='acme', **members)
        left = token['expiration'].timestamp() - datetime.datetime.now().timestamp()
        assert seconds - 10 < left <= seconds, (duration, left)
        assert not set(token['authorizationToken']) & set(' :/@?#%"\''), token
    for duration in [1, 899, 43201]:
        refused('ValidationException', aws.get_authorization_token, domain='acme', durationSeconds=duration)
    endpoint = aws.get_repository_endpoint(domain='acme', repository='app', format='npm')['repositoryEndpoint']
    header = {'authorization': f'Bearer {token["authorizationToken"]}'}
    with urllib.request.urlopen(urllib.request.Request(f'{endpoint}widget', headers=header)) as answer:
        assert 'versions' in json.load(answer)


app = {'domain': 'acme', 'repository': 'app'}
widget = {**app, 'format': 'npm', 'package': 'widget'}
gadget = {**app, 'format': 'npm', 'namespace': 'team', 'package': 'gadget'}


def packages():
    published = {'restrictions': {'publish': 'ALLOW', 'upstream': 'BLOCK'}}
    described = aws.describe_package(**gadget)['package']
    assert described == {
        'format': 'npm', 'namespace': 'team', 'name': 'gadget', 'originConfiguration': published
    }, described
    for filter, found in [
        ({}, ['gadget', 'gizmo', 'widget']),
        ({'format': 'pypi'}, []),
        ({'packagePrefix': 'gi'}, ['gizmo']),
        ({'format': 'npm', 'namespace': 'te'}, ['gadget']),
        ({'publish': 'ALLOW', 'upstream': 'BLOCK'}, ['gadget', 'gizmo', 'widget']),
        ({'publish': 'BLOCK'}, []),
    ]:
        assert names(aws.list_packages(**app, **filter)['packages'], 'package') == found, filter
    refused('ValidationException', aws.list_packages, **app, namespace='team')

    blocked = {'publish': 'BLOCK', 'upstream': 'ALLOW'}
    planned = {**app, 'format': 'npm', 'package': 'planned'}
    put = aws.put_package_origin_configuration(**planned, restrictions=blocked)
    assert put['originConfiguration'] == {'restrictions': blocked}, put
    assert aws.describe_package(**planned)['package']['originConfiguration'] == {'restrictions': blocked}
    empty = aws.list_package_versions(**planned)
    assert empty['versions'] == [] and 'defaultDisplayVersion' not in empty, empty
    deleted = aws.delete_package(**planned)['deletedPackage']
    assert deleted['package'] == 'planned' and deleted['originConfiguration'] == {'restrictions': blocked}, deleted
    missing = refused('ResourceNotFoundException', aws.delete_package, **planned)
    text = "The npm package 'planned' does not exist in repository 'app'."
    assert (missing['message'], missing['resourceType']) == (text, 'package'), missing


def versions():
    described = aws.describe_package_version(**widget, packageVersion='1.0.0')['packageVersion']
    assert (described['packageName'], described['displayName']) == ('widget', 'widget'), described
    assert (described['summary'], described['homePage']) == ('A widget', 'https://widget.example'), described
    assert described['sourceCodeRepository'] == 'https://git.example/widget', described
    assert names(described['licenses']) == ['MIT'] and described['status'] == 'Published', described
    internal = {'domainEntryPoint': {'repositoryName': 'app'}, 'originType': 'INTERNAL'}
    assert described['origin'] == internal and len(described['revision']) == 44, described
    scoped = aws.describe_package_version(**gadget, packageVersion='1.0.0')['packageVersion']
    assert (scoped['namespace'], scoped['displayName']) == ('team', '@team/gadget'), scoped
    assert scoped['licenses'] == [] and 'summary' not in scoped, scoped

    everything = aws.list_package_versions(**widget)
    assert everything['defaultDisplayVersion'] == '2.0.0' and everything['package'] == 'widget', everything
    assert names(everything['versions'], 'version') == ['1.0.0', '1.1.0', '2.0.0'], everything
    for filter, found in [
        ({'sortBy': 'PUBLISHED_TIME'}, ['2.0.0', '1.1.0', '1.0.0']),
        ({'status': 'Published', 'originType': 'INTERNAL'}, ['1.0.0', '1.1.0', '2.0.0']),
        ({'status': 'Archived'}, []),
        ({'originType': 'EXTERNAL'}, []),
    ]:
        assert names(aws.list_package_versions(**widget, **filter)['versions'], 'version') == found, filter
    bread = {'domain': 'acme', 'repository': 'public', 'format': 'npm', 'package': 'bread'}
    ingested = aws.describe_package_version(**bread, packageVersion='1.0.0')['packageVersion']
    external = {'domainEntryPoint': {'externalConnectionName': 'public:npmjs'}, 'originType': 'EXTERNAL'}
    assert ingested['origin'] == external, ingested

    one = {**widget, 'packageVersion': '1.0.0'}
    assert aws.get_package_version_readme(**one)['readme'] == '# Widget'
    bare = refused('ResourceNotFoundException', aws.get_package_version_readme, **gadget, packageVersion='1.0.0')
    assert bare['resourceType'] == 'package-version', bare
    dependencies = aws.list_package_version_dependencies(**one)['dependencies']
    kinds = {item['package']: item['dependencyType'] for item in dependencies}
    assert kinds == {'bread': 'regular', 'jam': 'dev', 'plate': 'peer', 'honey': 'optional'}, dependencies
    assert [item['namespace'] for item in dependencies if item['package'] == 'jam'] == ['team'], dependencies

    assets = aws.list_package_version_assets(**one)
    [asset] = assets['assets']
    assert assets['versionRevision'] == described['revision'] and asset['name'] == 'package.tgz', assets
    got = aws.get_package_version_asset(**one, asset='package.tgz', packageVersionRevision=described['revision'])
    content = got['asset'].read()
    assert len(content) == asset['size'] == int(got['ResponseMetadata']['HTTPHeaders']['content-length']), asset
    for algorithm in ['MD5', 'SHA-1', 'SHA-256', 'SHA-512']:
        assert hashlib.new(algorithm.replace('-', '').lower(), content).hexdigest() == asset['hashes'][algorithm]
    assert (got['assetName'], got['packageVersion']) == ('package.tgz', '1.0.0'), got
    assert got['packageVersionRevision'] == described['revision'], got
    refused('ResourceNotFoundException', aws.get_package_version_asset, **one, asset='package.tgz',
            packageVersionRevision='old')
    nothing = refused('ResourceNotFoundException', aws.get_package_version_asset, **one, asset='nothing')
    assert nothing['resourceType'] == 'asset', nothing
    refused('ResourceNotFoundException', aws.describe_package_version, **widget, packageVersion='9.9.9')


def statuses():
    revision = aws.describe_package_version(**widget, packageVersion='1.1.0')['packageVersion']['revision']
    update, dispose, delete = (
        aws.update_package_versions_status, aws.dispose_package_versions, aws.delete_package_versions
    )

    def failed(answer):
        assert answer['successfulVersions'] == {}, answer
        failures = answer['failedVersions'].items()
        return {version: (item['errorCode'], item['errorMessage']) for version, item in failures}

    def succeeded(answer, status):
        assert answer['failedVersions'] == {}, answer
        assert answer['successfulVersions'] == {'1.1.0': {'revision': revision, 'status': status}}, answer

    assert failed(update(**widget, versions=['1.1.0', '9.9.9'], targetStatus='Unlisted')) == {
        '9.9.9': ('NOT_FOUND', 'Could not find version 9.9.9'),
        '1.1.0': ('SKIPPED', 'version 1.1.0 is skipped'),
    }
    assert failed(update(**widget, versions=['1.1.0'], targetStatus='Unlisted', expectedStatus='Archived')) == {
        '1.1.0': ('MISMATCHED_STATUS', 'current status: Published, expected status: Archived'),
    }
    assert failed(
        update(**widget, versions=['1.1.0'], versionRevisions={'1.1.0': 'other'}, targetStatus='Unlisted')
    ) == {'1.1.0': ('MISMATCHED_REVISION', f'current revision: {revision}, expected revision: other')}
    guards = {'versions': ['1.1.0'], 'versionRevisions': {'1.1.0': revision}}
    for before, after in [('Published', 'Unlisted'), ('Unlisted', 'Archived'), ('Archived', 'Published')]:
        succeeded(update(**widget, **guards, expectedStatus=before, targetStatus=after), after)
    for target in ['Unfinished', 'Disposed', 'Deleted']:
        refused('ValidationException', update, **widget, versions=['1.1.0'], targetStatus=target)
    succeeded(dispose(**widget, **guards, expectedStatus='Published'), 'Disposed')
    refused('ResourceNotFoundException', aws.get_package_version_asset, **widget, packageVersion='1.1.0',
            asset='package.tgz')
    assert failed(update(**widget, versions=['1.1.0'], targetStatus='Published'))['1.1.0'][0] == 'NOT_ALLOWED'
    assert failed(delete(**widget, versions=['1.1.0'], expectedStatus='Published'))['1.1.0'][0] == 'MISMATCHED_STATUS'
    succeeded(delete(**widget, versions=['1.1.0'], expectedStatus='Disposed'), 'Deleted')
    assert failed(delete(**widget, versions=['1.1.0']))['1.1.0'][0] == 'NOT_FOUND'


notes = {**app, 'format': 'generic', 'namespace': 'team', 'package': 'notes'}


def publishing():
    def asset(name, content, version='1.0', **more):
        digest = hashlib.sha256(content).hexdigest()
        members = {'packageVersion': version, 'assetName': name, 'assetContent': content, 'assetSHA256': digest}
        return {**notes, **members, **more}

    publish = aws.publish_package_version
    first = publish(**asset('a b.txt', b'first', unfinished=True))
    assert first['status'] == 'Unfinished' and first['asset']['size'] == 5, first
    for algorithm, digest in first['asset']['hashes'].items():
        assert hashlib.new(algorithm.replace('-', '').lower(), b'first').hexdigest() == digest, algorithm
    second = publish(**asset('grüße.txt', 'zweite'.encode(), unfinished=True))
    assert second['versionRevision'] != first['versionRevision'], second
    refused('ConflictException', publish, **asset('a b.txt', b'other', unfinished=True))
    third = publish(**asset('c.txt', b'third'))
    assert third['status'] == 'Published' and third['versionRevision'] != second['versionRevision'], third
    for more in [{}, {'unfinished': True}]:
        refused('ConflictException', publish, **asset('d.txt', b'too late', **more))
    published = aws.list_package_version_assets(**notes, packageVersion='1.0')
    assert set(names(published['assets'])) == {'a b.txt', 'c.txt', 'grüße.txt'}, published
    got = aws.get_package_version_asset(**notes, packageVersion='1.0', asset='grüße.txt')
    assert got['asset'].read() == 'zweite'.encode()
    assert got['assetName'].encode('latin1').decode() == 'grüße.txt', got

    wrong = {**asset('e.txt', b'content', '2.0'), 'assetSHA256': 64 * '0'}
    text = "The provided content hashes do not match the calculated content hashes. Hash algorithm 'SHA-256', Expected"
    assert refused('ValidationException', publish, **wrong)['message'].startswith(text)
    large = refused('ServiceQuotaExceededException', publish, **asset('large', bytes(100_001), '2.0'))
    assert 'message' in large, large
    refused('ValidationException', publish, **asset('a/b', b'', '2.0'))
    refused('ValidationException', publish, **{**asset('a', b'', '2.0'), 'format': 'npm'})
    without_namespace = {key: value for key, value in asset('a', b'', '2.0').items() if key != 'namespace'}
    refused('ValidationException', publish, **without_namespace)
    refused('ResourceNotFoundException', aws.describe_package_version, **notes, packageVersion='2.0')

    aws.put_package_origin_configuration(**notes, restrictions={'publish': 'BLOCK', 'upstream': 'BLOCK'})
    refused('AccessDeniedException', publish, **asset('a', b'a', '2.0'))
    aws.put_package_origin_configuration(**notes, restrictions={'publish': 'ALLOW', 'upstream': 'BLOCK'})
    with open(__file__, 'rb') as file:
        content = file.read()
        file.seek(0)
        streamed = publish(**{**asset('f.txt', content, '2.0'), 'assetContent': file})
    assert streamed['status'] == 'Published' and streamed['asset']['size'] == len(content), streamed
    publish(**asset('x', b'x', '3.0'))
    publish(**asset('x', b'x', '3.0+build'))
    built = aws.describe_package_version(**notes, packageVersion='3.0+build')['packageVersion']
    assert built['version'] == '3.0+build', built


def copies():
    def copy(**members):
        at = {'domain': 'acme', 'sourceRepository': 'app', 'destinationRepository': 'base'}
        package = {'format': 'npm', 'package': 'widget'}
        answer = aws.copy_package_versions(**{**at, **package, **members})
        errors = {version: item['errorCode'] for version, item in answer['failedVersions'].items()}
        return {version: item['status'] for version, item in answer['successfulVersions'].items()}, errors

    revision = aws.describe_package_version(**widget, packageVersion='1.0.0')['packageVersion']['revision']
    assert copy(versions=['1.0.0', '9.9.9']) == ({}, {'1.0.0': 'SKIPPED', '9.9.9': 'NOT_FOUND'})
    assert copy(versionRevisions={'1.0.0': 'other'}) == ({}, {'1.0.0': 'MISMATCHED_REVISION'})
    assert copy(versionRevisions={'1.0.0': revision}) == ({'1.0.0': 'Published'}, {})
    assert copy(versions=['1.0.0']) == ({}, {})
    # The same number with other content, in a repository of its own.
    other = {'sourceRepository': 'other', 'versions': ['1.0.0']}
    assert copy(**other) == ({}, {'1.0.0': 'ALREADY_EXISTS'})
    assert copy(**other, allowOverwrite=True) == ({'1.0.0': 'Published'}, {})
    # What only an upstream of the source has, is found where that is asked for.
    file = {'format': 'generic', 'namespace': 'team', 'package': 'notes', 'versions': ['3.0']}
    assert copy(**file) == ({'3.0': 'Published'}, {})
    onward = {**file, 'sourceRepository': 'shared', 'destinationRepository': 'other'}
    missing = refused('ResourceNotFoundException', copy, **onward)
    assert (missing['resourceType'], missing['resourceId']) == ('package', 'notes'), missing
    shallow = {'sourceRepository': 'shared', 'destinationRepository': 'public', 'versions': ['1.0.0']}
    refused('ResourceNotFoundException', copy, **shallow)
    assert copy(**shallow, includeFromUpstream=True) == ({'1.0.0': 'Published'}, {})
    refused('ValidationException', copy)
    refused('ValidationException', copy, versions=['1.0.0'], versionRevisions={'1.0.0': revision})
    refused('ValidationException', copy, versions=['1.0.0'], destinationRepository='app')
    gone = refused('ResourceNotFoundException', copy, versions=['1.0.0'], destinationRepository='nowhere')
    assert (gone['resourceType'], gone['resourceId']) == ('repository', 'nowhere'), gone


def groups():
    def at(pattern):
        return {'domain': 'acme', 'packageGroup': pattern}

    about = {'contactInfo': 'team@acme.example', 'description': 'Ours'}
    made = aws.create_package_group(**at('/npm/team/*'), **about, tags=[{'key': 'a', 'value': 'b'}])['packageGroup']
    assert made['arn'] == arn('package-group/acme/npm/team/%2a') and made['parent']['pattern'] == '/*', made
    assert aws.list_tags_for_resource(resourceArn=made['arn'])['tags'] == [{'key': 'a', 'value': 'b'}]
    refused('ConflictException', aws.create_package_group, **at('/npm/team/*'))
    refused('ConflictException', aws.create_package_group, **at('/*'))
    refused('ValidationException', aws.create_package_group, **at('/npm/te*am'))
    for pattern in ['/npm/*', '/npm/team/gadget$', '/npm/team/gadget~']:
        aws.create_package_group(**at(pattern))
    inner = aws.describe_package_group(**at('/npm/team/gadget$'))['packageGroup']
    assert inner['parent']['pattern'] == '/npm/team/gadget~', inner
    restrictions = inner['originConfiguration']['restrictions']
    assert set(restrictions) == {'PUBLISH', 'EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM'}, restrictions
    assert restrictions['PUBLISH']['mode'] == 'INHERIT', restrictions
    assert restrictions['PUBLISH']['inheritedFrom'] == {'arn': arn('package-group/acme/%2a'), 'pattern': '/*'}
    updated = aws.update_package_group(**at('/npm/team/*'), description='Still ours')['packageGroup']
    assert (updated['description'], updated['contactInfo']) == ('Still ours', 'team@acme.example'), updated

    def entries(*repositories):
        return [{'repositoryName': name, 'originRestrictionType': 'PUBLISH'} for name in repositories]

    configure = aws.update_package_group_origin_configuration
    changed = configure(
        **at('/npm/team/*'),
        restrictions={'PUBLISH': 'ALLOW_SPECIFIC_REPOSITORIES', 'EXTERNAL_UPSTREAM': 'BLOCK'},
        addAllowedRepositories=entries('app', 'base', 'other', 'shared'),
    )
    added = changed['allowedRepositoryUpdates']['PUBLISH']['ADDED']
    assert sorted(added) == ['app', 'base', 'other', 'shared'], changed
    modes = changed['packageGroup']['originConfiguration']['restrictions']
    assert modes['PUBLISH']['repositoriesCount'] == 4 and modes['INTERNAL_UPSTREAM']['mode'] == 'INHERIT', modes
    removed = configure(**at('/npm/team/*'), removeAllowedRepositories=entries('shared'))
    assert removed['allowedRepositoryUpdates'] == {'PUBLISH': {'REMOVED': ['shared']}}, removed
    refused('ResourceNotFoundException', configure, **at('/npm/team/*'), addAllowedRepositories=entries('nowhere'))
    refused('ValidationException', configure, **at('/*'), restrictions={'PUBLISH': 'INHERIT'})
    allowed = aws.list_allowed_repositories_for_group(**at('/npm/team/*'), originRestrictionType='PUBLISH')
    assert allowed['allowedRepositories'] == ['app', 'base', 'other'], allowed

    association = aws.get_associated_package_group(domain='acme', format='npm', namespace='team', package='gadget')
    assert association['packageGroup']['pattern'] == '/npm/team/gadget$', association
    assert association['associationType'] == 'STRONG', association
    weak = aws.get_associated_package_group(domain='acme', format='npm', namespace='team', package='GADGET')
    assert weak['associationType'] == 'WEAK', weak
    refused('ValidationException', aws.get_associated_package_group, domain='acme', format='pypi', namespace='team',
            package='gadget')
    held = aws.list_associated_packages(**at('/npm/team/gadget$'))['packages']
    assert held == [
        {'format': 'npm', 'namespace': 'team', 'package': 'gadget', 'associationType': 'STRONG'}
    ], held
    preview = aws.list_associated_packages(**at('/generic/*'), preview=True)['packages']
    assert names(preview, 'package') == ['notes'], preview
    refused('ResourceNotFoundException', aws.list_associated_packages, **at('/generic/*'))
    found = aws.list_package_groups(domain='acme', prefix='/npm/team')['packageGroups']
    assert names(found, 'pattern') == ['/npm/team/*', '/npm/team/gadget$', '/npm/team/gadget~'], found
    below = aws.list_sub_package_groups(**at('/npm/team/*'))['packageGroups']
    assert names(below, 'pattern') == ['/npm/team/gadget~'], below
    refused('ValidationException', aws.delete_package_group, **at('/*'))
    assert aws.delete_package_group(**at('/npm/team/gadget~'))['packageGroup']['pattern'] == '/npm/team/gadget~'
    refused('ResourceNotFoundException', aws.delete_package_group, **at('/npm/team/gadget~'))
    orphan = aws.describe_package_group(**at('/npm/team/gadget$'))['packageGroup']
    assert orphan['parent']['pattern'] == '/npm/team/*', orphan
    for name in ['one', 'two']:
        aws.create_package_group(**at(f'/npm/team/{name}$'))


def paging():
    """Pages of one and of two are together what a single page is; what they repeat besides the list is kept."""
    group = {'domain': 'acme', 'packageGroup': '/npm/team/*'}
    inputs = {
        'ListAllowedRepositoriesForGroup': {**group, 'originRestrictionType': 'PUBLISH'},
        'ListAssociatedPackages': {'domain': 'acme', 'packageGroup': '/npm/*'},
        'ListDomains': {},
        'ListPackageGroups': {'domain': 'acme'},
        'ListPackageVersionAssets': {**notes, 'packageVersion': '1.0'},
        'ListPackageVersions': notes,
        'ListPackages': app,
        'ListRepositories': {},
        'ListRepositoriesInDomain': {'domain': 'acme'},
        'ListSubPackageGroups': group,
    }
    for operation in aws.meta.service_model.operation_names:
        method = xform_name(operation)
        if not aws.can_paginate(method):
            continue
        whole = getattr(aws, method)(**inputs[operation])
        del whole['ResponseMetadata']
        paginator = aws.get_paginator(method)
        [items] = [key.search(whole) for key in paginator.result_keys]
        assert len(items) >= 3 and 'nextToken' not in whole, (operation, whole)
        for size in [1, 2]:
            pages = list(paginator.paginate(**inputs[operation], PaginationConfig={'PageSize': size}))
            assert len(pages) == -(-len(items) // size), (operation, size, len(pages))
            together = paginator.paginate(**inputs[operation], PaginationConfig={'PageSize': size}).build_full_result()
            assert together == whole, (operation, size, together, whole)
        first = getattr(aws, method)(**inputs[operation], maxResults=2)
        refused('ValidationException', getattr(aws, method), **inputs[operation], nextToken='nonsense')
        refused('ValidationException', getattr(aws, method), **inputs[operation], maxResults=1001)
        rest = getattr(aws, method)(**inputs[operation], nextToken=first['nextToken'])
        assert paginator.result_keys[0].search(first) + paginator.result_keys[0].search(rest) == items, operation
    assert 'nextToken' not in aws.list_package_version_dependencies(**widget, packageVersion='1.0.0')


def refusals():
    """Every operation on a domain tells input against the model, another account's domain and a missing one."""
    for operation in aws.meta.service_model.operation_names:
        call = getattr(aws, xform_name(operation))
        members = given['inputs'][operation]
        if 'domain' not in members:
            continue
        wrong = refused('ValidationException', call, **{**members, 'domain': 'NOT A DOMAIN'})
        assert wrong['reason'] == 'FIELD_VALIDATION_FAILED', wrong
        if operation == 'CreateDomain':
            continue
        refused('AccessDeniedException', call, **{**members, 'domainOwner': stranger})
        if operation == 'DeleteDomain':
            continue
        missing = refused('ResourceNotFoundException', call, **{**members, 'domain': 'missing'})
        assert (missing['resourceType'], missing['resourceId']) == ('domain', 'missing'), missing


stories = [
    domains, repositories, policies, tags, tokens,
    packages, versions, statuses, publishing, copies,
    groups, paging, refusals,
]
for story in stories:
    story()
