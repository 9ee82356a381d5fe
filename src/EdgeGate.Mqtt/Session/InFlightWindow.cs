using System.Buffers;
using System.Diagnostics;
using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt.Session;

/// <summary>
/// The messages given to us and not yet acknowledged, in the order they were given: a ring with three cursors,
/// oldest ≤ next to send ≤ next free. A message's packet id is its place in the ring plus one, so an id in use can never be given again.
/// Not thread-safe.
/// </summary>
internal sealed class InFlightWindow(int capacity)
{
    private readonly Slot[] _ring = new Slot[capacity];
    private long _oldest;
    private long _nextToSend;
    private long _nextFree;
    private int _awaitingAck;

    /// <summary>Places taken. One acknowledged out of turn is counted until those before it are.</summary>
    public int Count => (int)(_nextFree - _oldest);

    public ushort NextPacketId => (ushort)(_nextFree % capacity + 1);

    /// <summary>When the oldest unanswered QoS 1 message went out on the present link; null if none waits.</summary>
    public long? OldestSentAt
    {
        get
        {
            for (var i = _oldest; i < _nextToSend; i++)
            {
                if (At(i) is { Done: false, AtMostOnce: false, SentAt: var sentAt })
                    return sentAt;
            }
            return null;
        }
    }

    /// <param name="rowId">The caller's number.</param>
    /// <param name="packet">Encoded with <see cref="NextPacketId"/>, rented from the shared pool; owned by the window from now on.</param>
    /// <param name="length">Bytes of it in use.</param>
    /// <param name="atMostOnce">QoS 0.</param>
    public void Add(long rowId, byte[] packet, int length, bool atMostOnce)
    {
        Debug.Assert(Count < capacity, "asked for room first");
        At(_nextFree++) = new Slot { RowId = rowId, Packet = packet, Length = length, AtMostOnce = atMostOnce };
    }

    /// <summary>Copies out the next message to send, unless <paramref name="receiveMaximum"/> of them already wait for their ack.</summary>
    /// <param name="receiveMaximum">The server's send quota, MQTT 5 section 4.9; it also binds what is sent again after a reconnect.</param>
    /// <param name="now">Time stamp that the ack time-out counts from.</param>
    /// <param name="output">Where the packet is appended.</param>
    /// <param name="doneRow">The row that needs no further answer because it went out at QoS 0.</param>
    public bool TrySend(int receiveMaximum, long now, IBufferWriter<byte> output, out long? doneRow)
    {
        doneRow = null;
        while (_nextToSend < _nextFree && At(_nextToSend).Done)
            _nextToSend++;
        if (_nextToSend == _nextFree)
            return false;
        ref var slot = ref At(_nextToSend);
        if (!slot.AtMostOnce && _awaitingAck >= receiveMaximum)
            return false;
        _nextToSend++;
        if (slot.AtMostOnce)
        {
            output.Write(slot.Bytes);
            doneRow = slot.RowId;
            Finish(ref slot);
            return true;
        }
        if (slot.SentBefore)
            slot.Packet[0] |= PublishPacket.DupFlag; // section 3.3.1.1
        output.Write(slot.Bytes);
        slot.SentBefore = true;
        slot.SentAt = now;
        _awaitingAck++;
        return true;
    }

    /// <returns>The row, or null when no message with that id waits on this link.</returns>
    public long? Acknowledge(ushort packetId)
    {
        if (packetId == 0 || packetId > capacity)
            return null;
        // the one place in [oldest, next to send) that has this id
        var place = _oldest + (packetId - 1 - _oldest % capacity + capacity) % capacity;
        if (place >= _nextToSend)
            return null;
        ref var slot = ref At(place);
        if (slot.Done || slot.AtMostOnce)
            return null;
        var rowId = slot.RowId;
        _awaitingAck--;
        Finish(ref slot);
        return rowId;
    }

    /// <summary>The link is new and the session the same: everything unanswered goes out again, in the same order (section 4.4).</summary>
    /// <returns>Rows that the new link does not take because they are larger than <paramref name="maximumPacketSize"/>.</returns>
    public List<long> Rewind(int maximumPacketSize)
    {
        _nextToSend = _oldest;
        _awaitingAck = 0;
        var tooLarge = new List<long>();
        for (var i = _oldest; i < _nextFree; i++)
        {
            ref var slot = ref At(i);
            if (slot.Done || slot.Length <= maximumPacketSize)
                continue;
            tooLarge.Add(slot.RowId);
            Finish(ref slot);
        }
        return tooLarge;
    }

    /// <summary>Empties the window and returns what was in it, oldest first.</summary>
    public List<long> HandBack()
    {
        var rows = new List<long>(Count);
        for (var i = _oldest; i < _nextFree; i++)
        {
            ref var slot = ref At(i);
            if (slot.Done)
                continue;
            rows.Add(slot.RowId);
            ArrayPool<byte>.Shared.Return(slot.Packet);
            slot = default;
        }
        _oldest = _nextToSend = _nextFree;
        _awaitingAck = 0;
        return rows;
    }

    private void Finish(ref Slot slot)
    {
        ArrayPool<byte>.Shared.Return(slot.Packet);
        slot = new Slot { Done = true, Packet = [] };
        while (_oldest < _nextFree && At(_oldest).Done)
            _oldest++;
        _nextToSend = Math.Max(_nextToSend, _oldest);
    }

    private ref Slot At(long place) => ref _ring[place % capacity];

    private struct Slot
    {
        public long RowId;
        public byte[] Packet;
        public int Length;
        public long SentAt;
        public bool AtMostOnce;
        public bool SentBefore;
        public bool Done;

        public readonly ReadOnlySpan<byte> Bytes => Packet.AsSpan(0, Length);
    }
}
