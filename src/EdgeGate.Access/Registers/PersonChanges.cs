namespace EdgeGate.Access.Registers;

/// <summary>What makes one list of persons from another. In the order of the keys.</summary>
public sealed record PersonChanges(IReadOnlyList<RegisterEntry> Added, IReadOnlyList<RegisterEntry> Changed, IReadOnlyList<RegisterEntry> Removed)
{
    public int Count => Added.Count + Changed.Count + Removed.Count;

    public static PersonChanges Between(IPersonTable before, IPersonTable after)
    {
        List<RegisterEntry> added = [], changed = [], removed = [];
        using var old = before.Entries.GetEnumerator();
        using var now = after.Entries.GetEnumerator();
        var (hasOld, hasNow) = (old.MoveNext(), now.MoveNext());
        while (hasOld || hasNow)
        {
            var order = !hasOld ? 1 : !hasNow ? -1 : old.Current.Person.CompareTo(now.Current.Person);
            if (order < 0)
                removed.Add(old.Current);
            else if (order > 0)
                added.Add(now.Current);
            else if (old.Current != now.Current)
                changed.Add(now.Current);
            if (order <= 0)
                hasOld = old.MoveNext();
            if (order >= 0)
                hasNow = now.MoveNext();
        }
        return new PersonChanges(added, changed, removed);
    }
}
