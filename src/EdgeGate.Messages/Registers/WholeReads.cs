using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Messages.Registers;

public static class WholeReads
{
    /// <summary>Fills the buffer from a place in the file; the position of other readers stays. Read, not mapped: a file that was cut short or a disk that fails is an exception here, and would be the end of the process there (SIGBUS).</summary>
    /// <exception cref="EndOfStreamException">The file is shorter.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void ReadAll(this SafeFileHandle file, Span<byte> into, long at)
    {
        while (!into.IsEmpty)
        {
            var read = RandomAccess.Read(file, into, at);
            if (read == 0)
                throw new EndOfStreamException("the file is shorter than it was");
            into = into[read..];
            at += read;
        }
    }
}
