namespace EdgeGate.Messages.Privacy;

public static class MaskedPhone
{
    /// <summary>The first three and the last four digits, as couriers say them: 13812345678 becomes 138****5678. Short numbers keep their last two.</summary>
    /// <param name="digits">5 to 20 digits.</param>
    public static string Of(string digits) => digits.Length >= 9 ? $"{digits[..3]}****{digits[^4..]}" : $"****{digits[^2..]}";
}
