using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>Writes the value of an expression as JSON.</summary>
internal static class LogicResult
{
    /// <exception cref="CertLogicException">Over a limit: a small expression can have a value of any size, since values share their parts.</exception>
    public static JsonElement ToJson(LogicValue value, Budget budget)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
            Write(writer, value, budget);
        // Duplicate names and depth are the data's, and were the caller's choice when it parsed them.
        return JsonElement.Parse(bytes.WrittenSpan, new JsonDocumentOptions { MaxDepth = 1000 });
    }

    private static void Write(Utf8JsonWriter to, LogicValue value, Budget budget)
    {
        budget.Step();
        using var level = budget.Descend();
        switch (value)
        {
            case LogicValue.Boolean { Value: var truth }:
                to.WriteBooleanValue(truth);
                break;
            case LogicValue.Integer { Value: var integer }:
                to.WriteNumberValue(integer);
                break;
            case LogicValue.Text { Value: var text }:
                CheckSize(text.Length);
                to.WriteStringValue(text);
                break;
            case LogicValue.Instant { Value: var instant }:
                to.WriteStringValue(instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                break;
            case LogicValue.List { Items: var items }:
                to.WriteStartArray();
                foreach (var item in items)
                    Write(to, item, budget);
                to.WriteEndArray();
                break;
            case LogicValue.Record { Members: var members }:
                to.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    to.WritePropertyName(name);
                    Write(to, member, budget);
                }
                to.WriteEndObject();
                break;
            case LogicValue.JsonObject { Json: var json }:
                CheckSize(JsonMarshal.GetRawUtf8Value(json).Length);
                json.WriteTo(to);
                break;
            case LogicValue.Fraction:
                throw new CertLogicException("the result is a fraction");
            default:
                to.WriteNullValue();
                break;
        }
        CheckSize(0);

        void CheckSize(int more)
        {
            if (to.BytesCommitted + to.BytesPending + more > budget.MaxResultBytes)
                throw new CertLogicException($"a result of more than {budget.MaxResultBytes} bytes");
        }
    }
}
