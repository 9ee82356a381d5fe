using System.Text;

namespace EdgeGate.Service.GuardPost;

/// <summary>
/// Which forms were taken that a phone may send again, because it never heard the answer; through restarts and power cuts. A phone
/// that was without network for longer than <see cref="Most"/> forms of all phones would be taken twice: its record carries the same id.
/// </summary>
internal sealed class SentForms(string file) : IDisposable
{
    public const int Most = 2000;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private List<Guid>? _taken;

    /// <summary>
    /// Takes a form in unless it was taken. One after the other: a phone that was not answered in time sends again while the first is still on its
    /// way to the disk.
    /// </summary>
    /// <param name="take">Takes it in, keeps what it asks for, and then says so with <see cref="Take"/>.</param>
    public async Task<DeskAnswer> OnceAsync(Guid form, Func<Task<DeskAnswer>> take)
    {
        await _oneAtATime.WaitAsync(CancellationToken.None);
        try
        {
            return IsTaken(form) ? new DeskAnswer.Done() : await take();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    public bool IsTaken(Guid form)
    {
        lock (_lock)
            return Taken.Contains(form);
    }

    /// <summary>After what it asks for was kept: from here on the form is answered as done, also when this cannot be written.</summary>
    /// <exception cref="IOException">It could not be written, and is known until the next start only.</exception>
    public void Take(Guid form)
    {
        lock (_lock)
        {
            Taken.Add(form);
            if (Taken.Count > Most)
                Taken.RemoveRange(0, Taken.Count - Most);
            DurableFile.Write(file, Encoding.ASCII.GetBytes(string.Join('\n', Taken.Select(id => id.ToString("N")))));
        }
    }

    private List<Guid> Taken => _taken ??= Load();

    /// <summary>What cannot be read is taken for nothing: a form taken twice does less harm than one that is lost.</summary>
    private List<Guid> Load()
    {
        try
        {
            return File.Exists(file) ? [.. File.ReadLines(file).Select(line => Guid.TryParse(line, out var id) ? id : Guid.Empty)] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
