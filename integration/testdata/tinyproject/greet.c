const char *greeting(void)
{
	return "tiny";
}
