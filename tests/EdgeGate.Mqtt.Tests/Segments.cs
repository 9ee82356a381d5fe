using System.Buffers;

namespace EdgeGate.Mqtt.Tests;

/// <summary>Bytes in several pieces of memory, as a pipe holds them.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Of(params byte[][] pieces)
    {
        var first = new Segments { Memory = pieces[0] };
        var last = first;
        foreach (var piece in pieces[1..])
        {
            var next = new Segments { Memory = piece, RunningIndex = last.RunningIndex + last.Memory.Length };
            last.Next = next;
            last = next;
        }
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
