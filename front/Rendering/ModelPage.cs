using Microsoft.AspNetCore.Components;

namespace Smtpy.Web.Rendering;

/// <summary>A page that shows one model, complete when the endpoint hands it over: pages do no I/O.</summary>
public abstract class ModelPage<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public required TModel Model { get; set; }
}
