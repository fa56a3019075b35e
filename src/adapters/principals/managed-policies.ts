/** AWS's managed policies that are known by name. Source: AWS managed policy reference; CodeArtifact user guide. */
export const managedPolicies: Readonly<Record<string, object>> = {
  AdministratorAccess: policy(['*']),
  AWSCodeArtifactAdminAccess: policy(['codeartifact:*'], ['sts:GetServiceBearerToken']),
  AWSCodeArtifactReadOnlyAccess: policy(
    ['codeartifact:Describe*', 'codeartifact:Get*', 'codeartifact:List*', 'codeartifact:ReadFromRepository'],
    ['sts:GetServiceBearerToken'],
  ),
};

/** Tokens may be asked for by CodeArtifact alone. */
function policy(actions: readonly string[], tokenActions: readonly string[] = []): object {
  const forCodeArtifact = { StringEquals: { 'sts:AWSServiceName': 'codeartifact.amazonaws.com' } };
  const statements = [
    { Effect: 'Allow', Action: actions, Resource: '*' },
    { Effect: 'Allow', Action: tokenActions, Resource: '*', Condition: forCodeArtifact },
  ];
  return { Version: '2012-10-17', Statement: statements.filter(({ Action }) => Action.length > 0) };
}
