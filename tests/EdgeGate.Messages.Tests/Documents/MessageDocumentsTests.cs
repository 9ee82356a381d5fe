using EdgeGate.Testing;

namespace EdgeGate.Messages.Tests.Documents;

public sealed class MessageDocumentsTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "src/EdgeGate.Messages/Documents");

    /// <summary>Whoever changes a message on purpose lets this test write the documents, and reads the difference before committing it.</summary>
    [Fact]
    public void The_published_documents_say_what_the_types_say()
    {
        var made = new MessageDocuments().All();
        if (Environment.GetEnvironmentVariable("WRITE_DOCUMENTS") is "1")
            Write(made);

        var published = Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal);
        Assert.Equal(made.Keys.Order(StringComparer.Ordinal), published);
        Assert.All(made, document => Assert.True(
            document.Value == File.ReadAllText(Path.Combine(Folder, document.Key)), $"{document.Key} is not what the types say: WRITE_DOCUMENTS=1 dotnet test tests/EdgeGate.Messages.Tests"));
    }

    [Fact]
    public void They_are_in_the_assembly_for_who_has_no_repository()
    {
        Assert.Contains("edgegate.access-decided.v1", PublishedDocuments.Schemas);
        Assert.Contains("\"asyncapi\": \"3.0.0\"", PublishedDocuments.AsyncApi, StringComparison.Ordinal);
        Assert.All(PublishedDocuments.Schemas, name => Assert.Contains($"\"title\": \"{name}\"", PublishedDocuments.Schema(name), StringComparison.Ordinal));
        Assert.Null(PublishedDocuments.Schema("edgegate.nothing.v1"));
    }

    private static void Write(Dictionary<string, string> documents)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "schemas"));
        foreach (var stale in Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories))
            File.Delete(stale);
        foreach (var (name, text) in documents)
            File.WriteAllText(Path.Combine(Folder, name), text);
    }
}
