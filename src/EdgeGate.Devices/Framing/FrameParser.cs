using System.Buffers;

namespace EdgeGate.Devices.Framing;

/// <summary>
/// Runs a decoder over the bytes of one line and keeps the one thing a pure decoder cannot know: whose bytes it drops.
/// Bytes claimed by a frame already reported are not reported again as garbage, and a run of garbage is reported once,
/// however the reads cut it.
/// </summary>
/// <param name="decode">The protocol's decoder.</param>
/// <param name="atSilence">For protocols whose frames end by silence: takes what is held when it falls. Without one, a frame
/// cut off by silence is a <see cref="FrameFault.Timeout"/>.</param>
public sealed class FrameParser<T>(FrameDecoder<T> decode, FrameDecoder<T>? atSilence = null)
{
    private long _claimed; // of the bytes at the front, how many belong to a frame already reported
    private bool _inGarbage;
    private bool _expired;

    /// <summary>The next frame or fault in what is held; <see cref="DecodeStatus.NeedMore"/> leaves the bytes of an unfinished frame.</summary>
    public Decoded<T> Next(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            var held = buffer.Length;
            var decoded = decode(ref buffer);
            var used = held - buffer.Length;
            if (decoded.Status == DecodeStatus.NeedMore)
            {
                _claimed = Math.Max(0, _claimed - used); // OSDP's mark bytes go without a word
                if (!_expired || buffer.IsEmpty)
                {
                    _expired = false;
                    return decoded;
                }
                // Another beginning within what has timed out: nothing will complete it, so it goes without a second report.
                buffer = buffer.Slice(1);
                _claimed = Math.Max(0, _claimed - 1);
            }
            else if (decoded is { Status: DecodeStatus.Corrupt, Fault: FrameFault.Garbage })
            {
                var known = _inGarbage || used <= _claimed;
                _inGarbage |= used > _claimed;
                _claimed = Math.Max(0, _claimed - used);
                if (!known)
                    return decoded;
            }
            else
            {
                _inGarbage = false;
                _claimed = Math.Max(0, Math.Max(_claimed, decoded.Claimed) - used);
                return decoded;
            }
        }
    }

    /// <summary>
    /// The line has been silent for too long. Gives up the unfinished frame, if there is one; call <see cref="Next"/>
    /// afterwards, a good frame may have been swallowed by it.
    /// </summary>
    public Decoded<T> Expire(ref ReadOnlySequence<byte> buffer)
    {
        if (atSilence is not null)
            return atSilence(ref buffer);
        if (buffer.IsEmpty)
            return Decoded.NeedMore<T>();
        buffer = buffer.Slice(1);
        _claimed = buffer.Length;
        _inGarbage = false;
        _expired = true;
        return Decoded.Corrupt<T>(FrameFault.Timeout);
    }

    /// <summary>Forgets what came before; for use when the caller has thrown the held bytes away.</summary>
    public void Reset()
    {
        _claimed = 0;
        _inGarbage = false;
        _expired = false;
    }
}
