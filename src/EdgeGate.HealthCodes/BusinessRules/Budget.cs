namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>What is left of one evaluation's limits.</summary>
internal sealed class Budget(CertLogicLimits limits)
{
    private int _steps;
    private int _depth;

    public int MaxResultBytes => limits.MaxResultBytes;

    /// <exception cref="CertLogicException">No step is left.</exception>
    public void Step()
    {
        if (++_steps > limits.MaxSteps)
            throw new CertLogicException($"more than {limits.MaxSteps} steps");
    }

    /// <summary>Goes one level down, until the returned value is disposed.</summary>
    /// <exception cref="CertLogicException">Too deep.</exception>
    public Level Descend()
    {
        if (++_depth > limits.MaxDepth)
            throw new CertLogicException($"nested more than {limits.MaxDepth} levels deep");
        return new Level(this);
    }

    /// <exception cref="CertLogicException">An array of this length is not handled.</exception>
    public void CheckLength(int items)
    {
        if (items > limits.MaxArrayLength)
            throw new CertLogicException($"an array of {items} items, more than {limits.MaxArrayLength}");
    }

    public readonly ref struct Level(Budget budget)
    {
        public void Dispose() => budget._depth--;
    }
}
